package scrape

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/schedule"
)

// toTheTick holds durations for equal that scrapes cannot distinguish.
var toTheTick = cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() <= schedule.Tick })

// A scrape that comes before the pods are known has no reader for what it brings: that is made good as soon as they are known,
// and not with the next resolution. Where that does not give every pod its rate, another scrape follows.
func TestNumbersFindTheirPods(t *testing.T) {
	spread := newTiming("a", resolution).initialDelay()
	tests := []struct {
		name       string
		after      time.Duration
		unresolved int
		want       []time.Duration // since the first scrape
		resolved   int
	}{
		{"between two scrapes", 4 * time.Second, 1, []time.Duration{0, 4*time.Second + spread, resolution}, 1},
		{"just after a scrape", 100 * time.Millisecond, 1, []time.Duration{0, followUpDelay, resolution}, 1},
		{"when all have a rate", 4 * time.Second, 0, []time.Duration{0, resolution}, 1},
		{"never", 0, 1, []time.Duration{0, resolution}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var known chan struct{}
			madeInBubble := func(c *testConfig) {
				known = make(chan struct{})
				c.PodsKnown = known
			}
			inBubble(t, madeInBubble, func(t *testing.T, b *env) {
				b.sink.unresolved = tt.unresolved
				b.Set(node("a"))
				<-time.After(spread)
				synctest.Wait()
				if tt.after > 0 {
					<-time.After(tt.after)
					close(known)
				}
				<-time.After(resolution + followUpDelay - tt.after)
				synctest.Wait()
				requests := b.kubelets.requests("a")
				var got []time.Duration
				for _, at := range requests {
					got = append(got, at-requests[0])
				}
				if diff := cmp.Diff(tt.want, got, toTheTick); diff != "" {
					t.Errorf("requests after the first (-want +got):\n%s", diff)
				}
				if got := b.sink.count("resolve a"); got != tt.resolved {
					t.Errorf("resolved %d times, want %d", got, tt.resolved)
				}
			})
		})
	}
}
