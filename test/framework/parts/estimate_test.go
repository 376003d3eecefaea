package parts

import (
	"bytes"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEstimateFollowsTheGoCommand(t *testing.T) {
	var others bytes.Buffer
	e := &estimate{start: time.Now(), others: &others, sizes: map[string]int64{"a": 10, "b/c": 20, "d": 70}, left: 100, total: 100}
	for _, text := range []string{"a\nb/", "c\n# d\nd.go:1:1: syntax ", "error\n"} {
		if _, err := e.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if e.left != 70 {
		t.Errorf("%d bytes are left, want 70", e.left)
	}
	if diff := cmp.Diff("# d\nd.go:1:1: syntax error\n", others.String()); diff != "" {
		t.Errorf("what is no package (-want +got):\n%s", diff)
	}
}

// The estimate begins with what was seen elsewhere, and comes to what is seen here.
func TestEstimateOfTheTimeLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		processors := int64(min(runtime.GOMAXPROCS(0), 8))
		total := 600 * processors * compiledPerSecond
		e := &estimate{start: time.Now(), sizes: map[string]int64{"half": total / 2, "rest": total / 2}, left: total, total: total}
		if got, want := e.String(), "0% compiled, about 10 minutes left"; got != want {
			t.Errorf("at first: %q, want %q", got, want)
		}
		time.Sleep(20 * time.Minute) // A machine that is four times as slow.
		if _, err := e.Write([]byte("half\n")); err != nil {
			t.Fatal(err)
		}
		if got, want := e.String(), "50% compiled, about 18 minutes left"; got != want {
			t.Errorf("later: %q, want %q", got, want)
		}
		if _, err := e.Write([]byte("rest\n")); err != nil {
			t.Fatal(err)
		}
		if got, want := e.String(), "linking what is compiled"; got != want {
			t.Errorf("at last: %q, want %q", got, want)
		}
	})
}
