package observe

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestBounds(t *testing.T) {
	bounds := Bounds{Age: 8 * time.Second, Call: time.Second, Peak: 100 << 20}
	good := func() *Observation {
		o := newObservation()
		o.Age, o.Process.Peak = 8*time.Second, 100<<20
		o.Calls["autoscaler"] = Durations{time.Second}
		o.Counts["autoscaler"] = 1
		return o
	}
	tests := []struct {
		name         string
		change       func(o *Observation)
		late, broken string
	}{
		{"at the bounds", func(*Observation) {}, "", ""},
		{"old usage", func(o *Observation) { o.Age++ }, "oldest usage of others", ""},
		{"a slow call", func(o *Observation) { o.Calls["autoscaler"][0]++ }, "calls of autoscaler", ""},
		{"a slow call of another client", func(o *Observation) { o.Calls["direct"] = Durations{2 * time.Second} }, "calls of direct", ""},
		{"a client without a call", func(o *Observation) { o.Calls["direct"] = nil }, "calls of direct", ""},
		{"a failure", func(o *Observation) { o.Failures["/livez"] = []error{errors.New("503")} }, "", "first with: 503"},
		{"memory", func(o *Observation) { o.Process.Peak++ }, "", "MiB of memory"},
		{"the end of the server", func(o *Observation) { o.Ended = true }, "", "has ended"},
		{"no observer", func(o *Observation) { clear(o.Counts) }, "", "nothing was observed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := good()
			tt.change(o)
			requireError(t, bounds.Late(o), tt.late)
			requireError(t, bounds.Broken(o), tt.broken)
			if err := (Bounds{}).Late(o); err != nil {
				t.Errorf("no bounds at all are exceeded: %v", err)
			}
		})
	}
}

func requireError(t *testing.T, err error, want string) {
	t.Helper()
	if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("the error is %v, want one of %q", err, want)
	}
}
