package store

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// meter is what is held of one container, or of a node itself.
type meter struct {
	cpu sample.Series
	// memory is the newest accepted working set in bytes, memoryTime when the kubelet read it (Unix nanoseconds, 0: never).
	memory     uint64
	memoryTime int64
	// swap is the newest accepted use of swap space in bytes.
	swap uint64
	// reason is what became of the newest CPU reading, and lives how many lives have begun since there was a rate.
	reason sample.Reason
	lives  uint8
	// advanced and memoryAdvanced are when the newest CPU and memory readings were accepted, hasCPU, hasMemory and hasSwap when
	// the kubelet last reported them: the server's clock in Unix nanoseconds, 0 for never.
	advanced, memoryAdvanced, hasCPU, hasMemory, hasSwap int64
}

// take accepts what it can of one look.
func (m *meter) take(u sample.Usage, p *put) {
	if u.CPU.Known {
		m.hasCPU = p.now
		m.takeCPU(u, p)
		if m.reason == sample.OlderLife {
			m.confirm(p)
			return
		}
	}
	if u.Memory.Known {
		m.hasMemory = p.now
		m.takeMemory(u.Memory, p)
	}
	// A kubelet reports zeros where there is no swap space, and where its runtime does not tell.
	if u.Swap.Known && p.capacity.swap > 0 && !p.noSwap {
		m.takeSwap(u.Swap, p)
	}
}

// confirm has the memory that is held stand for one more look: the one that was sent is not of the life that is held.
func (m *meter) confirm(p *put) {
	m.hasMemory = p.now
	if p.previous != 0 && m.hasSwap == p.previous {
		m.hasSwap = p.now
	}
}

func (m *meter) takeCPU(u sample.Usage, p *put) {
	// Nothing is drawn across an outage, and a clock that was set back, or a life that looks older, is believed in the end.
	if p.now-m.advanced > p.forget && u.CPU.Time != m.cpu.Time() {
		m.cpu, m.memoryTime = sample.Series{}, 0
	}
	before := m.cpu.Start()
	m.reason = m.cpu.Accept(u, p.look())
	p.count(m.reason)
	if before != 0 && m.cpu.Start() != before {
		// Nothing is held over from the life before.
		m.lives = min(m.lives, 100) + 1
		m.memory, m.memoryTime = 0, 0
	}
	if m.reason == sample.Accepted {
		m.advanced = p.now
	}
}

func (m *meter) takeSwap(r sample.Reading, p *put) {
	if !plausible(r.Value, p.capacity.swap) {
		p.count(sample.Implausible)
		return
	}
	m.swap, m.hasSwap = r.Value, p.now
}

// takeMemory keeps the value before where the new one is more than the node has.
func (m *meter) takeMemory(r sample.Reading, p *put) {
	reason := p.look().Check(r)
	if reason == sample.Accepted && !plausible(r.Value, p.capacity.memory) {
		reason = sample.Implausible
	}
	p.count(reason)
	if reason == sample.Accepted && r.Time > m.memoryTime {
		m.memory, m.memoryTime, m.memoryAdvanced = r.Value, r.Time, p.now
	}
}

// measure is the rate to serve with the memory that is held, if this look reported both. A rate that the node cannot do ends
// the window that led to it. Where overdue, the second of lives
// that are too young for a rate is given one.
func (m *meter) measure(p *put, overdue bool) (sample.Rate, lack) {
	switch {
	case m.hasCPU != p.now:
		return sample.Rate{}, noCPU
	case m.reason == sample.Future || m.reason == sample.BadTime:
		return sample.Rate{}, badClock
	case m.hasMemory != p.now || m.memoryTime == 0:
		return sample.Rate{}, noMemory
	case p.now-m.memoryAdvanced > p.forget && m.advanced > m.memoryAdvanced:
		return sample.Rate{}, oldMemory
	}
	rate, ok := m.cpu.Rate()
	if ok {
		m.lives = 0
	} else if overdue && m.lives > 1 {
		rate, ok = m.cpu.SinceStart()
	}
	switch {
	case !ok:
		p.rateless++
		if m.advanced == p.now {
			p.young++
		}
		return sample.Rate{}, noRate
	case !plausible(rate.Nanocores, p.capacity.cpu):
		m.cpu.Refuse()
		p.rejected.Add(sample.Implausible)
		return sample.Rate{}, impossible
	}
	return rate, nothing
}

// count leaves out the kubelet that had nothing newer to say: nothing is wrong with that.
func (p *put) count(r sample.Reason) {
	if r != sample.Repeated {
		p.rejected.Add(r)
	}
}

// capacity is what a node has: nanocores and bytes, 0 where it is unknown.
type capacity struct{ cpu, memory, swap uint64 }

// plausible allows a tenth above the capacity, for two clocks that do not quite agree.
func plausible(used, capacity uint64) bool {
	return capacity == 0 || used <= capacity+capacity/10
}

// freshness is when an answer was last confirmed. The zero value belongs to no answer.
type freshness struct {
	// seen is when a kubelet last gave an answer that was whole, advanced when the slowest of its CPU readings last moved;
	// both are the server's clock in Unix nanoseconds.
	seen, advanced int64
}

func (f *freshness) known() bool { return f.seen != 0 }

// within is true where the answer may still be served at a moment in Unix nanoseconds; a maxAge of 0 sets no limit.
func (f *freshness) within(maxAge time.Duration, now int64) bool {
	if !f.known() || maxAge == 0 {
		return f.known()
	}
	return now-f.seen <= int64(maxAge) && now-f.advanced <= int64(maxAge+staleGrace)
}
