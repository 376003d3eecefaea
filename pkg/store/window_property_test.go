package store

import (
	"math"
	"slices"
	"testing"
	"time"
)

// TestEveryRateIsBetweenTwoReadingsOfOneInstance plays the same disorder, and computes every rate again from what the kubelet sent.
// The window of a rate is its container's own. That of the pod is the longest of them, so it is never shorter than the true one, and
// the pod's time is never later than the true end.
func TestEveryRateIsBetweenTwoReadingsOfOneInstance(t *testing.T) {
	for seed := range uint64(200) {
		s := simulate(t, seed)
		for range 50 {
			s.scrape()
			s.checkRates()
		}
	}
}

func (s *simulation) checkRates() {
	s.t.Helper()
	u, ok := s.pod("n", "ns", "p", "u")
	if !ok {
		return
	}
	for _, c := range u.Containers {
		at := slices.IndexFunc(s.containers, func(sim *simulated) bool { return sim.name == c.Name })
		if c.CPU != 0 && !s.containers[at].explains(c.CPU, int64(u.Window), u.Time.UnixNano()) {
			s.t.Fatalf("seed %d: container %s at %d nanocores: no two readings of one instance have that rate", s.seed, c.Name, c.CPU)
		}
	}
}

// explains is true where two readings of one instance, or one and its start, have that rate between them, not further apart than the
// window and not ending before the time.
func (c *simulated) explains(nanocores uint64, window, end int64) bool {
	for _, to := range c.sent {
		if to.time < end {
			continue
		}
		begin := reading{to.instance, c.starts[to.instance].UnixNano(), 0}
		for _, from := range append([]reading{begin}, c.sent...) {
			if from.instance != to.instance || from.time >= to.time || from.cpu > to.cpu || to.time-from.time > window {
				continue
			}
			over := to.time - from.time
			if from == begin {
				// An instance too new for a rate may have one over the shortest window.
				over = max(over, int64(10*time.Second))
			}
			rate := float64(to.cpu-from.cpu) / float64(over) * 1e9
			if math.Abs(rate-float64(nanocores)) <= 1 {
				return true
			}
		}
	}
	return false
}
