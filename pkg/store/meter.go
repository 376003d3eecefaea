package store

import "github.com/plimsoll/plimsoll/pkg/sample"

// meter is what is held of one container, or of a node itself.
type meter struct {
	cpu sample.Series
	// memory is the newest accepted working set in bytes, memoryTime when the kubelet read it (Unix nanoseconds, 0: never).
	memory     uint64
	memoryTime int64
	// extras are the extra resources of the newest response; nil where it has none.
	extras *reportedExtras
	// reason is what became of the newest CPU reading, memoryReason of the newest of memory. instances counts those that have begun since
	// there was a rate.
	reason, memoryReason sample.Reason
	instances            uint8
	// refused is why the decoder left out the newest CPU or memory reading; Accepted where it did not.
	refused sample.Reason
	// advanced and memoryAdvanced are when the newest CPU and memory readings were accepted, hasCPU and hasMemory when
	// the kubelet last reported them: the server's clock in Unix nanoseconds, 0 for never. A rate without a counter counts as CPU.
	advanced, memoryAdvanced, hasCPU, hasMemory int64
}

// take accepts what it can of one answer. Started is when the running instance started, by the pod's status: see sample.Scrape.
func (m *meter) take(u sample.Usage, started int64, p *put) {
	if m.refused = u.Memory.Refused; !u.CPU.Known && !u.Rate.Known && u.CPU.Refused != sample.Accepted {
		m.refused = u.CPU.Refused
	}
	if u.CPU.Known || u.Rate.Known {
		m.takeCPU(u, started, p)
		m.hasCPU = p.now
		p.count(m.reason)
		if m.reason == sample.OlderInstance {
			m.confirm(p)
			return
		}
	}
	if u.Memory.Known {
		m.hasMemory = p.now
		m.takeMemory(u.Memory, p)
	}
	m.takeExtras(u.Extra, p)
}

// confirm has the memory that is held stand for one more scrape: the one that was sent is not of the instance that is held.
func (m *meter) confirm(p *put) {
	m.hasMemory = p.now
	m.confirmExtras(p)
}

func (m *meter) takeCPU(u sample.Usage, started int64, p *put) {
	look := p.look(started)
	look.Absent = m.hasCPU != p.previous
	// Nothing is drawn across an outage, and an instance that looks older is believed in the end.
	newest := max(u.CPU.Time, u.Rate.Time)
	if p.staleness.IsOutage(m.advanced, look.Now) && newest != m.cpu.Time() {
		m.cpu, m.memoryTime = sample.Series{}, 0
	}
	start, end := m.cpu.Start(), m.cpu.Time()
	m.reason = m.cpu.Accept(u, look)
	if start != 0 && m.cpu.Start() > start {
		m.instances = min(m.instances, 100) + 1
	}
	if start != 0 && m.cpu.Start() > start || m.cpu.Time() < end {
		// Nothing is held over from the instance before, or from a reading that was from the future.
		m.memory, m.memoryTime = 0, 0
	}
	if m.reason == sample.Accepted {
		m.advanced = look.Now
	}
}

func (m *meter) takeMemory(r sample.Reading, p *put) {
	m.memoryReason = p.look(0).Check(r)
	if m.memoryReason == sample.Accepted && sample.Absurd(r.Value, p.capacity.memory) {
		m.memoryReason = sample.Implausible
	}
	p.count(m.memoryReason)
	if m.memoryReason == sample.Accepted && r.Time > m.memoryTime {
		m.memory, m.memoryTime, m.memoryAdvanced = r.Value, r.Time, p.now
	}
}

// accepted returns the readings that usage is computed from.
func (m *meter) accepted() Accepted {
	a := Accepted{Start: m.cpu.Start(), Memory: m.memory, MemoryTime: m.memoryTime}
	a.CPU, a.CPUTime = m.cpu.Counter()
	return a
}

// measure is the rate to serve with the memory that is held, if the newest answer reported both. Where overdue, the second of the
// instances that are too young for a rate is given one.
func (m *meter) measure(p *put, started int64, overdue bool) (sample.Rate, lack) {
	if missing := m.unusable(p); missing != nothing {
		return sample.Rate{}, missing
	}
	rate, verdict := m.cpu.Rate(sample.Evidence{Capacity: p.capacity.cpu, Started: started})
	p.rejected[sample.Implausible] += uint32(verdict.Refused)
	switch {
	case verdict.OK:
		m.instances = 0
		return rate, nothing
	case !verdict.Waits:
		return sample.Rate{}, refusedCPU
	}
	if overdue && m.instances > 1 {
		if rate, ok := m.cpu.SinceStart(); ok && !sample.Absurd(rate.Nanocores, p.capacity.cpu) {
			return rate, nothing
		}
	}
	p.rateless++
	if m.advanced == p.now {
		p.young++
	}
	return sample.Rate{}, noRate
}

// unusable is why nothing of the newest answer can be served, whatever the rate is.
func (m *meter) unusable(p *put) lack {
	switch {
	case m.refused == sample.BadTime || m.refused == sample.Future:
		return badClock
	case m.refused != sample.Accepted:
		return noNumber
	case m.hasCPU != p.now:
		return noCPU
	case m.reason == sample.Future || m.reason == sample.BadTime:
		return badClock
	case m.hasMemory != p.now:
		return noMemory
	case m.memoryReason == sample.Implausible:
		return refusedMemory
	case m.memoryReason != sample.Accepted:
		return badClock
	case m.memoryTime == 0:
		return noMemory
	case p.staleness.IsOutage(m.memoryAdvanced, p.now) && m.advanced > m.memoryAdvanced:
		return oldMemory
	default:
		return nothing
	}
}

// count leaves out the kubelet that had nothing newer to say: nothing is wrong with that.
func (p *put) count(r sample.Reason) {
	if r != sample.Repeated {
		p.rejected.Add(r)
	}
}

// capacity is what a node declares: nanocores and bytes, 0 where it is unknown.
type capacity struct{ cpu, memory, swap uint64 }
