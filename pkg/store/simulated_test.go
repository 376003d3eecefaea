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

// simulated is a container whose kubelet usually reports the truth.
type simulated struct {
	name string
	// reportsStart is false for kubelets that never report when a container started.
	reportsStart bool
	// starts are those of all its instances.
	starts []time.Time
	// used is in core-nanoseconds since the start, read is when the kubelet last read it.
	used uint64
	read time.Time
	// sent is every CPU reading that the kubelet ever sent.
	sent []reading
}

// reading is one reading of one instance.
type reading struct {
	instance int
	time     int64
	cpu      uint64
}

func newSimulated(name string, reportsStart bool, now time.Time) *simulated {
	return &simulated{
		name: name, reportsStart: reportsStart,
		starts: []time.Time{now.Add(-time.Hour)}, used: uint64(time.Hour), read: now,
	}
}

// malformation is how the report of a container differs from a good one.
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

func (c *simulated) instance() int { return len(c.starts) - 1 }

// longInstance is the least CPU time of an instance whose end is visible from the counter alone: the next one has used less when it is scraped.
const longInstance = uint64(20 * time.Minute)

// use has the container work until now.
func (c *simulated) use(r *rand.Rand, odd malformation, now time.Time) {
	began := now.Add(-time.Duration(2+r.IntN(12)) * time.Second)
	if odd == restarted && began.Sub(c.read) > 2*time.Second && (c.reportsStart || c.used > longInstance) {
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

// report is what the kubelet reports of the container; false where it does not.
func (c *simulated) report(r *rand.Rand, odd malformation, now time.Time) (sample.Container, bool) {
	c.use(r, odd, now)
	out := sample.Container{Name: c.name}
	out.CPU = sample.Reading{Known: odd != missingCPU, Time: c.read.UnixNano(), Value: c.used}
	out.Memory = sample.Reading{Known: odd != missingMemory, Time: c.read.UnixNano(), Value: r.Uint64N(1 << 30)}
	if c.reportsStart {
		out.Start = c.starts[c.instance()].UnixNano()
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
		c.sent = append(c.sent, reading{c.instance(), out.CPU.Time, out.CPU.Value})
	}
	return out, odd != missingWhole
}
