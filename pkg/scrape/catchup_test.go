package scrape

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/schedule"
)

// toTheTick treats durations as equal that differ by less than a tick.
var toTheTick = cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() <= schedule.Tick })

// TestSamplesFindTheirPods has a scrape come before the pods are known: what it brought is published as soon as they are, and not with the next
// scrape. Where a pod is still without a rate, another scrape follows.
func TestSamplesFindTheirPods(t *testing.T) {
	spread := newTiming("a", resolution).initialDelay()
	tests := []struct {
		name       string
		after      time.Duration
		unresolved int
		// behave is what the kubelet does; nil for fine.
		behave func(*http.Request) (*http.Response, error)
		// want are the scrapes, since the first.
		want     []time.Duration
		resolved int
	}{
		{"between two scrapes", 4 * time.Second, 1, nil, []time.Duration{0, 4*time.Second + spread, resolution}, 1},
		{"just after a scrape", 100 * time.Millisecond, 1, nil, []time.Duration{0, followUpDelay, resolution}, 1},
		{"when all have a rate", 4 * time.Second, 0, nil, []time.Duration{0, resolution}, 1},
		{"after a failure, whose next scrape is not expedited", 4 * time.Second, 1, refuse, []time.Duration{0, resolution}, 1},
		{"never", 0, 1, nil, []time.Duration{0, resolution}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var known chan struct{}
			madeInBubble := func(c *testConfig) {
				known = make(chan struct{})
				c.PodsKnown = known
			}
			inBubble(t, madeInBubble, func(t *testing.T, b *env) {
				b.stored.unresolved = tt.unresolved
				b.kubelets.set("a", tt.behave)
				b.Set(node("a"))
				<-time.After(spread)
				synctest.Wait()
				if tt.after > 0 {
					<-time.After(tt.after)
					close(known)
				}
				<-time.After(resolution + followUpDelay - tt.after)
				synctest.Wait()
				scrapes := b.kubelets.requests("a")
				var got []time.Duration
				for _, at := range scrapes {
					got = append(got, at-scrapes[0])
				}
				if diff := cmp.Diff(tt.want, got, toTheTick); diff != "" {
					t.Errorf("scrapes after the first (-want +got):\n%s", diff)
				}
				if got := b.stored.count("resolve a"); got != tt.resolved {
					t.Errorf("resolved %d times, want %d", got, tt.resolved)
				}
			})
		})
	}
}
