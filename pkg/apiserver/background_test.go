package apiserver

import (
	"context"
	"errors"
	"testing"
)

func TestWorkerCheck(t *testing.T) {
	broken := errors.New("no node can be listed")
	tests := []struct {
		name    string
		stopped bool
		err     error
		want    string
	}{
		{"fails while the server runs", false, broken, "work has stopped: no node can be listed"},
		{"fails because the server ends", true, broken, ""},
		{"is done", false, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			w := &worker{Background: Background{Name: "work", Start: func(context.Context) error {
				if tt.stopped {
					stop()
				}
				return tt.err
			}}}
			if err := w.Check(nil); err != nil {
				t.Fatalf("Check gave %v before the work began", err)
			}
			w.run(ctx)
			got := ""
			if err := w.Check(nil); err != nil {
				got = err.Error()
				if !errors.Is(err, broken) {
					t.Errorf("%v does not wrap the error of the work", err)
				}
			}
			if got != tt.want {
				t.Errorf("Check gave %q, want %q", got, tt.want)
			}
		})
	}
}
