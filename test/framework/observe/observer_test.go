package observe

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFollow has an observer send a request each second, of which each takes longer than that.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := errors.New("failed")
		o := newObservation()
		ctx, cancel := context.WithTimeout(t.Context(), 3500*time.Millisecond)
		defer cancel()
		o.follow(ctx, Observer{Name: "client", Every: time.Second, Observe: func(ctx context.Context, o *Observation) error {
			begin := time.Now()
			<-time.After(5 * time.Second)
			o.NoteCall("client", time.Since(begin))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return failed
		}})
		want := newObservation()
		want.Counts["client"] = 3
		want.Failures["client"] = []error{failed, failed, failed}
		want.Calls["client"] = Durations{5 * time.Second, 5 * time.Second, 5 * time.Second}
		compare := cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "mu" }, cmp.Ignore())
		if diff := cmp.Diff(want, o, compare, cmp.Comparer(func(a, b error) bool { return errors.Is(a, b) })); diff != "" {
			t.Errorf("the observation (-want +got):\n%s", diff)
		}
	})
}

// TestPatience has a request wait for a response that never comes.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newObservation()
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		begin := time.Now()
		o.follow(ctx, Observer{Name: "client", Every: time.Second, Observe: func(ctx context.Context, _ *Observation) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		if took := time.Since(begin); took != time.Second+Patience || len(o.Failures["client"]) != 1 {
			t.Errorf("it ended after %s with %v", took, o.Failures)
		}
	})
}

func TestPercentile(t *testing.T) {
	var hundred Durations
	for i := range 100 {
		hundred = append(hundred, time.Duration(100-i))
	}
	tests := []struct {
		name    string
		of      Durations
		percent int
		want    time.Duration
	}{
		{"none", nil, 99, Patience},
		{"one", Durations{7}, 99, 7},
		{"the median of three", Durations{3, 1, 2}, 50, 2},
		{"99 of 100", hundred, 99, 99},
		{"all of 100", hundred, 100, 100},
		{"half of 100", hundred, 50, 50},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.of.Percentile(tt.percent); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}
