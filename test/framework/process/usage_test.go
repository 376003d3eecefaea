package process

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseStat(t *testing.T) {
	const rest = " S 1 2 3 0 -1 4194560 10 0 0 0 250 75 4 4 20 0 9 0 100 1000 200\n"
	tests := []struct {
		name, text string
		want       time.Duration
		good       bool
	}{
		{"plain", "42 (plimsoll)" + rest, 3250 * time.Millisecond, true},
		{"a name with spaces and a bracket", "42 (a) b (c)" + rest, 3250 * time.Millisecond, true},
		{"too short", "42 (plimsoll) S 1 2 3", 0, false},
		{"no number", "42 (plimsoll)" + strings.Replace(rest, "250", "x", 1), 0, false},
		{"empty", "", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseStat(tt.text)
			if got != tt.want || (err == nil) != tt.good {
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			}
		})
	}
}

func TestParseStatus(t *testing.T) {
	const status = "Name:\tplimsoll\nVmPeak:\t  900 kB\nVmHWM:\t    300 kB\nVmRSS:\t    200 kB\n"
	tests := []struct {
		name, text string
		want       Memory
		good       bool
	}{
		{"both", status, Memory{Resident: 200 << 10, Peak: 300 << 10}, true},
		{"of a kernel thread", "Name:\tkthreadd\n", Memory{}, false},
		{"no number", strings.Replace(status, "300", "many", 1), Memory{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseStatus(tt.text)
			if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != tt.good {
				t.Errorf("error %v, %s", err, diff)
			}
		})
	}
}

// The files of the kernel that runs this test are as they are expected.
func TestOwnUsage(t *testing.T) {
	if _, err := CPUTime(os.Getpid()); err != nil {
		t.Error(err)
	}
	if m, err := MemoryOf(os.Getpid()); err != nil || m.Resident == 0 || m.Peak < m.Resident {
		t.Errorf("got %+v, %v", m, err)
	}
	if _, err := CPUTime(-1); err == nil {
		t.Error("a process that is not there has CPU time")
	}
}

func TestDescriptors(t *testing.T) {
	before, err := Descriptors(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if after, err := Descriptors(os.Getpid()); err != nil || after != before+1 {
		t.Errorf("one more file makes %d of %d (%v)", after, before, err)
	}
}
