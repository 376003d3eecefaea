package fleet

// cpuAndMemory writes the two objects that every entity has. A capacity of 0 means that memory has no limit.
func (s *summary) cpuAndMemory(l *cgroupReading, capacity uint64) {
	s.open("cpu", '{')
	s.time("time", l.time)
	if l.rated {
		s.number("usageNanoCores", l.rate)
	}
	s.number("usageCoreNanoSeconds", l.cpu)
	s.psi(CPUFull10s, CPUFull60s, CPUSome10s, CPUSome60s)
	s.close('}')

	s.open("memory", '{')
	s.time("time", l.time)
	if capacity > l.memory {
		s.number("availableBytes", capacity-l.memory)
	}
	// The page cache that is not in the working set, and the share of it that is anonymous memory, are invented.
	s.number("usageBytes", l.memory+l.memory/8)
	s.number("workingSetBytes", l.memory)
	s.number("rssBytes", l.memory-l.memory/4)
	s.number("pageFaults", l.memory/4096)
	s.number("majorPageFaults", 0)
	s.psi(MemoryFull10s, MemoryFull60s, MemorySome10s, MemorySome60s)
	s.close('}')
}

func (s *summary) swapStats(l *cgroupReading) {
	if !s.swap {
		return
	}
	s.open("swap", '{')
	s.time("time", l.time)
	s.number("swapAvailableBytes", l.swap)
	s.number("swapUsageBytes", l.swap)
	s.close('}')
}

func (s *summary) network(l *cgroupReading) {
	s.open("network", '{')
	s.time("time", l.time)
	s.traffic()
	s.open("interfaces", '[')
	s.open("", '{')
	s.traffic()
	s.close('}')
	s.close(']')
	s.close('}')
}

func (s *summary) traffic() {
	s.raw("name", `"eth0"`)
	s.number("rxBytes", 1<<30)
	s.number("rxErrors", 0)
	s.number("txBytes", 1<<28)
	s.number("txErrors", 0)
}

func (s *summary) fs(key string, at int64, used uint64) {
	s.open(key, '{')
	s.time("time", at)
	s.number("availableBytes", diskCapacity-used)
	s.number("capacityBytes", diskCapacity)
	s.number("usedBytes", used)
	s.number("inodesFree", diskInodes-used>>12)
	s.number("inodes", diskInodes)
	s.number("inodesUsed", used>>12)
	s.close('}')
}
