package bench

import (
	"strings"
	"testing"
	"time"
)

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		want   []string
	}{
		{"the usual", func(*Options) {}, nil},
		{"small", func(o *Options) { o.Nodes, o.Pods, o.Hung = 1, 1, 0 }, nil},
		{"all nodes hang", func(o *Options) { o.Nodes = 5 }, []string{"number of nodes", "at least 6"}},
		{"too fast for metrics-server", func(o *Options) { o.Resolution = 5 * time.Second }, []string{"takes no less than 11s"}},
		{"no folder", func(o *Options) { o.Dir = "" }, []string{"a folder of its own"}},
		{"a choice of steps", func(o *Options) { o.Steps = []string{"steady", "calls"} }, nil},
		{"an unknown step", func(o *Options) { o.Steps = []string{"steady", "sleep"} }, []string{`no step "sleep"`, "steady, calls, sustain"}},
		{"calls alone", func(o *Options) { o.Steps = []string{"calls"} }, []string{"calls needs the step steady"}},
		{"profiles of several rounds", func(o *Options) { o.Profiles, o.Rounds = "somewhere", 2 }, []string{"give one round"}},
		{"no round", func(o *Options) { o.Rounds = 0 }, []string{"number of rounds", "at least 1"}},
		{"several mistakes", func(o *Options) { o.Pods, o.Cycles, o.Sustained = 0, 0, 0 },
			[]string{"number of pods", "number of cycles", "sustained load"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Default()
			o.Dir = "somewhere"
			tt.change(&o)
			err := o.Validate()
			if (err == nil) != (tt.want == nil) {
				t.Fatalf("got %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not name %q", err, want)
				}
			}
		})
	}
}
