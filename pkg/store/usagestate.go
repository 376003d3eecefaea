package store

import (
	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// usageState is what is kept of one container, or of a node itself.
type usageState struct {
	cpu sample.CPUCounter
	// memory is the newest accepted working set in bytes, memoryTime when the kubelet read it (Unix nanoseconds, 0: never).
	memory     uint64
	memoryTime int64
	// extras are nil where no response had any.
	extras *extras
	// reason is what became of the newest CPU reading, memoryReason of the newest of memory. instances counts those that have started since
	// there was a rate.
	reason, memoryReason sample.Rejection
	instances            uint8
	// refused is why the decoder left out the newest CPU or memory reading; sample.NotRejected where it did not.
	refused sample.Rejection
	// advanced and memoryAdvanced are when the newest CPU and memory readings were accepted, hasCPU and hasMemory when
	// the kubelet last reported them: the server's clock in Unix nanoseconds, 0 for never. A rate without a counter counts as CPU.
	advanced, memoryAdvanced, hasCPU, hasMemory int64
}

// accept takes what it can of one response. Started is when the running instance started, by the pod's status: see sample.ScrapeInfo.
func (s *usageState) accept(u sample.Usage, started int64, p *pass) {
	if s.refused = u.Memory.Rejected; !u.Rate.Known && u.CPU.Rejected != sample.NotRejected {
		s.refused = u.CPU.Rejected
	}
	if u.CPU.Known || u.Rate.Known {
		s.acceptCPU(u, started, p)
		s.hasCPU = p.now
		p.countRejected(s.reason)
		if s.reason == sample.OlderInstance {
			// What is kept of memory and extra resources stands for one more scrape: the response has those of another instance.
			s.hasMemory = p.now
			if x := s.extras; x != nil && x[fromScrape].at == p.previous {
				x[fromScrape].at = p.now
			}
			return
		}
	}
	if u.Memory.Known {
		s.hasMemory = p.now
		s.acceptMemory(u.Memory, p)
	}
	s.putExtras(fromScrape, 0, u.Extra, p)
}

func (s *usageState) acceptCPU(u sample.Usage, started int64, p *pass) {
	scrape := p.scrapeInfo(started)
	scrape.Absent, scrape.Accepted = s.hasCPU != p.previous, p.byWallClock(s.advanced)
	// No rate is computed across an outage, and an instance that seems older is accepted in the end.
	newest := max(u.CPU.Time, u.Rate.Time)
	if p.staleness.IsGap(s.advanced, p.now) && newest != s.cpu.Time() {
		s.cpu, s.memoryTime = sample.CPUCounter{}, 0
	}
	start, end := s.cpu.InstanceStart(), s.cpu.Time()
	s.reason = s.cpu.Accept(u, scrape)
	restarted := start != 0 && s.cpu.InstanceStart() > start
	if restarted {
		s.instances = min(s.instances, 100) + 1
	}
	if s.cpu.Time() < end {
		p.countRejected(sample.ClockSetBack)
	}
	if restarted || s.cpu.Time() < end {
		// Nothing is kept of the instance before, or of a reading that was from the future.
		s.memory, s.memoryTime = 0, 0
	}
	if s.reason == sample.NotRejected {
		s.advanced = p.now
	}
}

func (s *usageState) acceptMemory(r sample.Reading, p *pass) {
	s.memoryReason = p.scrapeInfo(0).Check(r)
	if s.memoryReason == sample.NotRejected && sample.IsImplausible(r.Value, p.node.id.Memory) {
		s.memoryReason = sample.Implausible
	}
	p.countRejected(s.memoryReason)
	if s.memoryReason == sample.NotRejected && r.Time > s.memoryTime {
		s.memory, s.memoryTime, s.memoryAdvanced = r.Value, r.Time, p.now
	}
}

// compute returns the rate to serve with the kept memory, if the newest response reported both. Where overdue, the second of the
// instances that are too young for a rate is given one.
func (s *usageState) compute(p *pass, started int64, overdue bool) (sample.Rate, cause.Cause) {
	if missing := s.missingInput(p); missing != cause.None {
		return sample.Rate{}, missing
	}
	rate, status := s.cpu.Rate(p.node.id.CPU, started)
	p.result.Rejected[sample.Implausible] += uint32(status.Rejected)
	switch {
	case status.OK:
		s.instances = 0
		return rate, cause.None
	case !status.Pending:
		return sample.Rate{}, cause.UsageImplausibleCPU
	}
	if overdue && s.instances > 1 {
		if rate, ok := s.cpu.RateSinceStart(); ok && !sample.IsImplausible(rate.Nanocores, p.node.id.CPU) {
			return rate, cause.None
		}
	}
	p.result.WithoutRate++
	if s.advanced == p.now {
		p.result.FirstSeen++
	}
	return sample.Rate{}, cause.UsageNoRate
}

// missingInput is why nothing of the newest response can be served, whatever the rate is.
func (s *usageState) missingInput(p *pass) cause.Cause {
	switch {
	case s.refused == sample.BadTime || s.refused == sample.Future:
		return cause.NodeClock
	case s.refused != sample.NotRejected:
		return cause.UsageInvalid
	case s.hasCPU != p.now:
		return cause.UsageNoCPU
	case s.reason == sample.Future || s.reason == sample.BadTime:
		return cause.NodeClock
	case s.hasMemory != p.now:
		return cause.UsageNoMemory
	case s.memoryReason == sample.Implausible:
		return cause.UsageImplausibleMemory
	case s.memoryReason != sample.NotRejected:
		return cause.NodeClock
	case s.memoryTime == 0:
		return cause.UsageNoMemory
	case p.staleness.IsGap(s.memoryAdvanced, p.now) && s.advanced > s.memoryAdvanced:
		return cause.UsageOldMemory
	default:
		return cause.None
	}
}
