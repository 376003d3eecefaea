package scrape

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// toTheSlot holds durations for equal that looks cannot tell apart.
var toTheSlot = cmp.Comparer(func(a, b time.Duration) bool { return (a - b).Abs() <= slot })

// A look that comes before anybody knows which pods run has no reader for what it brings: another follows as soon as they are known, and
// not with the next resolution.
func TestALookFollowsOncePodsAreKnown(t *testing.T) {
	spread := newSchedule("a", resolution).first()
	tests := []struct {
		name  string
		after time.Duration
		want  []time.Duration // since the first look
	}{
		{"between two looks", 4 * time.Second, []time.Duration{0, 4*time.Second + spread, resolution}},
		{"just after a look", 100 * time.Millisecond, []time.Duration{0, secondLook, resolution}},
		{"never", 0, []time.Duration{0, resolution}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var known chan struct{}
			madeInBubble := func(c *Config) {
				known = make(chan struct{})
				c.PodsKnown = known
			}
			inBubble(t, madeInBubble, func(t *testing.T, b *bed) {
				b.Set(node("a"))
				<-time.After(spread)
				synctest.Wait()
				if tt.after > 0 {
					<-time.After(tt.after)
					close(known)
				}
				<-time.After(resolution + secondLook - tt.after)
				synctest.Wait()
				looks := b.kubelets.looks("a")
				var got []time.Duration
				for _, at := range looks {
					got = append(got, at-looks[0])
				}
				if diff := cmp.Diff(tt.want, got, toTheSlot); diff != "" {
					t.Errorf("looks after the first (-want +got):\n%s", diff)
				}
			})
		})
	}
}
