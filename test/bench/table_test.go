package bench

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func table() Table {
	own, peer := NewResult("plimsoll"), NewResult("metrics-server")
	own.Set(StartAll, 2.5)
	peer.Set(StartAll, 20.4)
	own.Set(Resident, 300<<20)
	peer.Set(Resident, 500<<20)
	own.Set(getOne.CPU(), 0.000_14)
	peer.Set(PodsLeft, 0)
	own.Set(PodsLeft, 30_000)
	peer.Set(Sustained, 1234.4)
	return Table{Own: own, Peer: peer, Goals: Goals(1000, 30_000)}
}

func TestTable(t *testing.T) {
	tests := []struct {
		name  string
		write func(*bytes.Buffer) error
		want  string
	}{
		{"plain", func(b *bytes.Buffer) error { return table().Write(b) }, `
what                                           plimsoll   metrics-server  ratio  goal    met
start to all numbers                           2.50 s     20.4 s          0.12   ≤ 0.2   yes
resident memory                                300.0 MiB  500.0 MiB       0.60   ≤ 0.3   no
get one pod, server CPU                        140 µs     -               -      ≤ 0.85  -
pods left when every kubelet missed one cycle  30000      0               -      all     yes
autoscaler's calls, sustained                  -          1234/s          -
`},
		{"Markdown", func(b *bytes.Buffer) error { return table().WriteMarkdown(b) }, `
| what | plimsoll | metrics-server | ratio | goal | met |
| --- | --- | --- | --- | --- | --- |
| start to all numbers | 2.50 s | 20.4 s | 0.12 | ≤ 0.2 | yes |
| resident memory | 300.0 MiB | 500.0 MiB | 0.60 | ≤ 0.3 | no |
| get one pod, server CPU | 140 µs | - | - | ≤ 0.85 | - |
| pods left when every kubelet missed one cycle | 30000 | 0 | - | all | yes |
| autoscaler's calls, sustained | - | 1234/s | - |  |  |
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := tt.write(&out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(lines(tt.want), lines(out.String())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// lines are those of a text without the blanks at their ends.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		all = append(all, strings.TrimRight(line, " \n"))
	}
	return all
}

func TestText(t *testing.T) {
	tests := []struct {
		unit  Unit
		value float64
		want  string
	}{
		{Seconds, 0, "0 s"}, {Seconds, 0.000_95, "950 µs"}, {Seconds, 0.009_5, "9.50 ms"}, {Seconds, 0.249, "249 ms"},
		{Seconds, 2.5, "2.50 s"}, {Seconds, 20.44, "20.4 s"}, {Seconds, 120, "120 s"},
		{Bytes, 532.25 * (1 << 20), "532.2 MiB"}, {Count, 30_000, "30000"}, {PerSecond, 999.6, "1000/s"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			if got := (Figure{Unit: tt.unit}).Text(tt.value); got != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}
