package store

import (
	"testing"
	"time"
	"unsafe"

	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// settableClock is a clock whose wall time can be set as that of a system: the monotonic reading of its times goes on.
type settableClock struct {
	clock.RealClock
	begin          time.Time
	elapsed, ahead time.Duration
}

func (c *settableClock) Now() time.Time {
	now := c.begin.Add(c.elapsed)
	// The library has no function that changes one of the two readings of a time. The seconds of the wall time are above the 30 bits of its nanoseconds.
	(*struct{ wall uint64 })(unsafe.Pointer(&now)).wall += uint64(c.ahead/time.Second) << 30
	return now
}

// TestUsageExpiresWhereTheClockIsSetBack has no scrape succeed after the clock is set back by an hour, or back and right again.
func TestUsageExpiresWhereTheClockIsSetBack(t *testing.T) {
	for name, then := range map[string]time.Duration{"back": -time.Hour, "right again": 0} {
		t.Run(name, func(t *testing.T) {
			c, o := &settableClock{begin: time.Now()}, &objects{podSet: podSet{}, nodes: map[string]*usage.NodeCell{}}
			s := New(o, usage.Staleness{MaxAge: maxAge, Resolution: 15 * time.Second}, c)
			for i := range 2 {
				c.elapsed += 15 * time.Second
				s.Put(Identity{Name: "n"}, &sample.Node{Usage: usageAt(c.Now(), float64(i), 1<<30)})
			}
			c.ahead = -time.Hour
			served := func() bool { _, ok := s.Reader().Node(o.nodeCell("n")); return ok }
			if !served() {
				t.Error("not served when the clock was set")
			}
			c.ahead = then
			if c.elapsed += maxAge - time.Second; !served() {
				t.Error("not served a second before the maximum age")
			}
			if c.elapsed += 2 * time.Second; served() {
				t.Error("served a second after the maximum age")
			}
		})
	}
}
