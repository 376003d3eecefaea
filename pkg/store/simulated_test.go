package store

import (
	"math/rand/v2"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// The node of the simulation: what it has, and the most that may be served of it.
const (
	nodeCPU, nodeMemory = 4e9, 8 << 30
	mostCPU, mostMemory = 10 * nodeCPU, 10 * nodeMemory
)

// simulated is a container whose kubelet tells the truth, most of the time.
type simulated struct {
	name string
	// tellsStart is false for kubelets that never tell when a container started.
	tellsStart bool
	// starts are those of all its lives.
	starts []time.Time
	// used is in core-nanoseconds since the start, read is when the kubelet last read it.
	used uint64
	read time.Time
	// sent is every CPU reading that the kubelet ever sent.
	sent []reading
}

// reading is one point of one life.
type reading struct {
	life int
	time int64
	cpu  uint64
}

func newSimulated(name string, tellsStart bool, now time.Time) *simulated {
	return &simulated{
		name: name, tellsStart: tellsStart,
		starts: []time.Time{now.Add(-time.Hour)}, used: uint64(time.Hour), read: now,
	}
}

// malformation is how an answer about a container differs from a good one.
type malformation int

const (
	good malformation = iota
	missingWhole
	missingCPU
	missingMemory
	zeroMemory
	standsStill
	restarted
	impossibleCPU
	impossibleMemory
	fromTheFuture
	fromThePast

	malformations
)

// aMalformation is none in half of all cases.
func aMalformation(r *rand.Rand) malformation {
	if r.IntN(2) == 0 {
		return good
	}
	return malformation(r.IntN(int(malformations)))
}

func (c *simulated) life() int { return len(c.starts) - 1 }

// longLife is what a life has used at least whose end is visible from the counter alone: the next one has used less when it is seen.
const longLife = uint64(20 * time.Minute)

// use has the container work until now.
func (c *simulated) use(r *rand.Rand, odd malformation, now time.Time) {
	began := now.Add(-time.Duration(2+r.IntN(12)) * time.Second)
	if odd == restarted && began.Sub(c.read) > 2*time.Second && (c.tellsStart || c.used > longLife) {
		c.starts = append(c.starts, began)
		c.used, c.read = 0, began
	}
	if odd == standsStill {
		return
	}
	read := now.Add(-time.Duration(r.IntN(1500)) * time.Millisecond)
	if since := read.Sub(c.read); since > 0 {
		c.used += uint64(float64(since) * (0.5 + r.Float64()))
		c.read = read
	}
}

// say is what the kubelet tells of the container; false where it does not name it.
func (c *simulated) say(r *rand.Rand, odd malformation, now time.Time) (sample.Container, bool) {
	c.use(r, odd, now)
	out := sample.Container{Name: c.name}
	out.CPU = sample.Reading{Known: odd != missingCPU, Time: c.read.UnixNano(), Value: c.used}
	out.Memory = sample.Reading{Known: odd != missingMemory, Time: c.read.UnixNano(), Value: r.Uint64N(1 << 30)}
	if c.tellsStart {
		out.Start = c.starts[c.life()].UnixNano()
	}
	switch odd {
	case zeroMemory:
		out.Memory.Value = 0
	case impossibleCPU:
		out.CPU.Value += 1e15
	case impossibleMemory:
		out.Memory.Value = 1 << 40
	case fromTheFuture:
		out.CPU.Time = now.Add(2 * time.Minute).UnixNano()
	case fromThePast:
		out.CPU.Time -= int64(30 * time.Second)
	}
	if out.CPU.Known && odd != missingWhole {
		c.sent = append(c.sent, reading{c.life(), out.CPU.Time, out.CPU.Value})
	}
	return out, odd != missingWhole
}
