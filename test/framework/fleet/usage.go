package fleet

import (
	"math"
	"math/bits"
	"time"
)

// retention is how long the past of a usage is kept: longer than two housekeeping readings are apart, twice over.
const retention = int64(90 * time.Second)

// usage is the usage of one cgroup over time: a CPU rate and memory that change in steps, and the integral of the rate.
type usage struct {
	// began is when this instance began, in Unix nanoseconds.
	began int64
	// Invariant: never empty after begin, and from rises strictly. The oldest are dropped after retention.
	segments []segment
}

// segment is a stretch of time with one rate. It lasts until the next one begins.
type segment struct {
	// from is in Unix nanoseconds.
	from int64
	// cpu is the counter at from, in nanoseconds; rest is the fraction of a nanosecond, in billionths.
	cpu, rest uint64
	// rate is in nanocores.
	rate uint64
	// memory and swap are in bytes.
	memory, swap uint64
}

// level is the usage of a cgroup at one moment: nanocores and bytes.
type level struct {
	rate, memory, swap uint64
}

func (l level) plus(o level) level {
	return level{l.rate + o.rate, l.memory + o.memory, l.swap + o.swap}
}

func (l level) minus(o level) level {
	return level{l.rate - o.rate, l.memory - o.memory, l.swap - o.swap}
}

// begin starts an instance at t, with a counter of 0.
func (u *usage) begin(t int64, l level) {
	u.began = t
	u.segments = append(u.segments[:0], segment{from: t, rate: l.rate, memory: l.memory, swap: l.swap})
}

// set changes the level from t on. A moment before the last change counts as that change's.
func (u *usage) set(t int64, l level) {
	last := &u.segments[len(u.segments)-1]
	if t > last.from {
		cpu, rest := last.counter(t)
		u.forget(t - retention)
		u.segments = append(u.segments, segment{from: t, cpu: cpu, rest: rest})
		last = &u.segments[len(u.segments)-1]
	}
	last.rate, last.memory, last.swap = l.rate, l.memory, l.swap
}

// forget drops the segments that ended before t.
func (u *usage) forget(t int64) {
	keep := 0
	for keep+1 < len(u.segments) && u.segments[keep+1].from <= t {
		keep++
	}
	if keep > 0 {
		u.segments = append(u.segments[:0], u.segments[keep:]...)
	}
}

// now returns the level since the last change.
func (u *usage) now() level {
	last := u.segments[len(u.segments)-1]
	return level{last.rate, last.memory, last.swap}
}

// at returns the segment that holds t; the first one for a time before it.
func (u *usage) at(t int64) *segment {
	for i := len(u.segments) - 1; i > 0; i-- {
		if u.segments[i].from <= t {
			return &u.segments[i]
		}
	}
	return &u.segments[0]
}

// counter is the CPU time used until t, in nanoseconds, and the rest in billionths of one. It is exact: the rest is carried
// from segment to segment, so that nothing drifts however often the rate changes.
func (s *segment) counter(t int64) (cpu, rest uint64) {
	if t <= s.from {
		return s.cpu, s.rest
	}
	high, low := bits.Mul64(s.rate, uint64(t-s.from))
	low, carry := bits.Add64(low, s.rest, 0)
	high += carry
	if high >= nano {
		return math.MaxUint64, 0
	}
	cpu, rest = bits.Div64(high, low, nano)
	if cpu, carry = bits.Add64(cpu, s.cpu, 0); carry != 0 {
		return math.MaxUint64, 0
	}
	return cpu, rest
}

// nano is how many nanocores make a core, and how many nanoseconds a second.
const nano = 1_000_000_000
