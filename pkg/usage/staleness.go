package usage

import (
	"math"
	"time"
)

// Freshness is when usage was last confirmed, by the server's clock in Unix nanoseconds. The zero value belongs to no usage.
type Freshness struct {
	// Seen is when a kubelet last reported the complete object.
	Seen int64
	// Advanced is when the slowest of the object's CPU readings was last newer than the one before it.
	Advanced int64
}

// Known is false for the zero value.
func (f Freshness) Known() bool { return f.Seen != 0 }

// Staleness is the rule that decides for how long usage is served, and readings are kept. Nothing else in the tree compares an age with
// the maximum age.
type Staleness struct {
	// MaxAge is how long usage is served after a kubelet last confirmed it. 0 stands for the rule of metrics-server: only what the newest
	// scrape confirmed is served, without a limit of time, until a scrape fails.
	MaxAge time.Duration
	// Resolution is the longest time between two scrapes of a node.
	Resolution time.Duration
}

const (
	// standstill is how much longer than MaxAge a reading may stand still while the kubelet goes on to report it: the readings of an idle
	// container advance only every 15 to 30 seconds.
	standstill = time.Minute
	// retainedScrapes is for how many scrapes at least a reading is kept that no scrape confirms.
	retainedScrapes = 4
)

// Never is the time of an expiry that never comes.
const Never = int64(math.MaxInt64)

// NewestOnly is true where usage ends with the first scrape that does not confirm it.
func (s Staleness) NewestOnly() bool { return s.MaxAge == 0 }

// Expiry returns the last moment, in Unix nanoseconds by the server's clock, at which the usage may be served; [Never] where age alone
// does not end it.
func (s Staleness) Expiry(f Freshness) int64 {
	if s.NewestOnly() {
		return Never
	}
	return min(after(f.Seen, s.MaxAge), after(f.Advanced, s.MaxAge+standstill))
}

// IsFresh is true where the usage may be served at a moment in Unix nanoseconds.
func (s Staleness) IsFresh(f Freshness, now int64) bool { return f.Known() && now <= s.Expiry(f) }

// IsOverdue is true where half of the time is over for which the usage may be served without being confirmed.
func (s Staleness) IsOverdue(f Freshness, now int64) bool {
	return f.Known() && now > after(f.Seen, s.MaxAge/2)
}

// IsOutage is true where two readings are so far apart that no rate is computed between them: an average over an outage says nothing
// about now. What was not reported for so long is forgotten. Both are in Unix nanoseconds by the server's clock.
func (s Staleness) IsOutage(from, to int64) bool {
	return to > after(from, max(s.MaxAge, retainedScrapes*s.Resolution)+standstill)
}

// after adds a duration to a moment. A sum that is too large for its type is [Never].
func after(moment int64, d time.Duration) int64 {
	if sum := moment + int64(d); sum >= moment {
		return sum
	}
	return Never
}
