package usage

import (
	"math"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Freshness is when usage was last confirmed, by the server's clock in Unix nanoseconds. The zero value belongs to no usage.
type Freshness struct {
	// Seen is when a kubelet last reported the complete object.
	Seen int64
	// Advanced is when the slowest of the object's CPU readings last had a newer timestamp than before: each container of a pod has a reading. A kubelet
	// that repeats old readings changes Seen and not Advanced.
	Advanced int64
}

// Known is false for the zero value.
func (f Freshness) Known() bool { return f.Seen != 0 }

// Staleness is the rule that decides for how long usage is served, and readings are kept. This file has every comparison with the maximum age;
// [ExtrasUntil] is the rule for extra resources of further responses.
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

// IsOverdue is true where more than half of MaxAge has passed since the usage was confirmed. The store then accepts a less exact rate, for usage
// that would expire without it.
func (s Staleness) IsOverdue(f Freshness, now int64) bool {
	return f.Known() && now > after(f.Seen, s.MaxAge/2)
}

// IsGap is true where so much time lies between two moments that the store was without readings for too long. Then it computes no rate from
// one reading to the other, which would be the average over the outage and not the present use, and it drops what was last reported at the
// first moment. Both are in Unix nanoseconds by the server's clock.
func (s Staleness) IsGap(from, to int64) bool {
	return to > after(from, max(s.MaxAge, retainedScrapes*s.Resolution)+standstill)
}

// ExtrasUntil returns the moment from which on extra resources are not served any more, which a further response from an endpoint reported at a moment.
// The endpoint is requested once per interval. Where requests fail, the full summary is served for three intervals. The short summary has averages
// over ten seconds, and is served until the next request but one. Neither is served longer than the CPU and memory beside it.
func ExtrasUntil(from sample.Endpoint, at int64, interval time.Duration) int64 {
	if from == sample.FullSummary {
		return after(at, 3*interval)
	}
	return after(at, interval+interval/2)
}

// after adds a duration to a moment. A sum that is too large for its type is [Never].
func after(moment int64, d time.Duration) int64 {
	if sum := moment + int64(d); sum >= moment {
		return sum
	}
	return Never
}
