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
	s.number("usageBytes", MemoryUsage(l.memory))
	s.number("workingSetBytes", l.memory)
	s.number("rssBytes", l.memory-l.memory/4)
	s.number("pageFaults", l.memory/4096)
	s.number("majorPageFaults", 0)
	s.psi(MemoryFull10s, MemoryFull60s, MemorySome10s, MemorySome60s)
	s.close('}')
}

// MemoryUsage is the usage with all page cache of a cgroup with so many bytes in its working set.
func MemoryUsage(workingSet uint64) uint64 { return workingSet + workingSet/8 }

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

// What every pod, and every node, receives and sends, in bytes per second.
const (
	NetworkReceived = 4000
	NetworkSent     = 1000
)

// network has counters that begin with the pod, or the node.
func (s *summary) network(l *cgroupReading, began int64) {
	milliseconds := uint64(max(0, l.time-began)) / 1e6
	s.open("network", '{')
	s.time("time", l.time)
	s.traffic(milliseconds)
	s.open("interfaces", '[')
	s.open("", '{')
	s.traffic(milliseconds)
	s.close('}')
	s.close(']')
	s.close('}')
}

func (s *summary) traffic(milliseconds uint64) {
	s.raw("name", `"eth0"`)
	s.number("rxBytes", milliseconds*NetworkReceived/1000)
	s.number("rxErrors", 0)
	s.number("txBytes", milliseconds*NetworkSent/1000)
	s.number("txErrors", 0)
}

func (s *summary) fs(key string, at int64, used uint64) {
	s.open(key, '{')
	s.time("time", at)
	s.number("availableBytes", DiskCapacity-used)
	s.number("capacityBytes", DiskCapacity)
	s.number("usedBytes", used)
	s.number("inodesFree", diskInodes-used>>12)
	s.number("inodes", diskInodes)
	s.number("inodesUsed", used>>12)
	s.close('}')
}
