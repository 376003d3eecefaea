package fleet

import (
	"hash/fnv"
	"time"
)

// Readings is when a simulated kubelet reads its cgroups.
type Readings uint8

const (
	// OnDemand reads at the moment of the request, as a container runtime does for requests of the CRI.
	OnDemand Readings = iota
	// Housekeeping reads on its own, as cAdvisor does, and returns the last reading: containers and pods every 10 to
	// 20 seconds, each at its own times, the node about every 10 seconds. A container that was not read yet since it
	// started is read on demand: there the CRI reports it.
	Housekeeping
)

// String returns the name of the value.
func (r Readings) String() string {
	switch r {
	case OnDemand:
		return "on demand"
	case Housekeeping:
		return "housekeeping"
	default:
		return "unknown"
	}
}

// rhythm is when one cgroup is read: once in each period, at a moment that depends on seed and the period's number alone.
type rhythm struct {
	// period and jitter are in nanoseconds; two readings are more than period-jitter and less than period+jitter apart.
	period, jitter int64
	seed           uint64
}

// containerRhythm reads every 10 to 20 seconds.
func containerRhythm(seed uint64) rhythm {
	return rhythm{period: int64(15 * time.Second), jitter: int64(5 * time.Second), seed: seed}
}

// nodeRhythm reads every 9 to 11 seconds.
func nodeRhythm(seed uint64) rhythm {
	return rhythm{period: int64(10 * time.Second), jitter: int64(time.Second), seed: seed}
}

// latest returns the time of the last reading at or before t, in Unix nanoseconds.
func (r rhythm) latest(t int64) int64 {
	phase := int64(r.seed % uint64(r.period))
	cell := (t - phase) / r.period
	if at := r.reading(cell, phase); at <= t {
		return at
	}
	return r.reading(cell-1, phase)
}

func (r rhythm) reading(cell, phase int64) int64 {
	return phase + cell*r.period + int64(mix(r.seed+uint64(cell))%uint64(r.jitter))
}

// mix spreads neighbouring numbers over all of uint64: the finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hash makes a number from words, the same in every process.
func hash(words ...string) uint64 {
	h := fnv.New64a()
	for _, word := range words {
		h.Write([]byte(word))
		h.Write([]byte{0})
	}
	return mix(h.Sum64())
}
