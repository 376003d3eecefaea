package decode

import "github.com/plimsoll/plimsoll/pkg/sample"

// The part of k8s.io/kubelet/pkg/apis/stats/v1alpha1 that is used here, under the same names. With the kubelet's own types
// one bad time, even in the state of a file system, would lose the whole node; with these it loses its own readings.

type usageStats struct {
	StartTime moment
	CPU       cpuStats
	Memory    memoryStats
	Swap      swapStats
}

type cpuStats struct {
	Time moment
	// NanoCores is the kubelet's own average, over a window that it does not tell.
	NanoCores       number
	CoreNanoSeconds number
}

type memoryStats struct {
	Time            moment
	WorkingSetBytes number
	// UsageBytes stands in where there is no working set: some virtual kubelets report only this.
	UsageBytes number
}

type swapStats struct {
	Time       moment
	UsageBytes number
}

// usage is what the statistics say, less the readings that it rejects.
func (s *usageStats) usage(rejected *sample.Rejections) sample.Usage {
	memory := s.Memory.WorkingSetBytes
	if !memory.present {
		memory = s.Memory.UsageBytes
	}
	return sample.Usage{
		Start:  s.StartTime.start(),
		CPU:    s.CPU.CoreNanoSeconds.at(s.CPU.Time, rejected),
		Rate:   s.CPU.NanoCores.at(s.CPU.Time, rejected),
		Memory: memory.at(s.Memory.Time, rejected),
		Swap:   s.Swap.UsageBytes.at(s.Swap.Time, rejected),
	}
}

// known is how many readings the statistics have.
func (s *usageStats) known() uint32 {
	var unused sample.Rejections
	return known(s.usage(&unused))
}

// member reads a member of the object that describes a node or a container.
func (s *usageStats) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "startTime"):
		return r.scalar(&s.StartTime)
	case is(name, "cpu"):
		return readInto(r, &s.CPU, (*cpuStats).member)
	case is(name, "memory"):
		return readInto(r, &s.Memory, (*memoryStats).member)
	case is(name, "swap"):
		return readInto(r, &s.Swap, (*swapStats).member)
	}
	return r.SkipValue()
}

// readInto reads an object, of which null is the absence.
func readInto[T any](r *jsonReader, into *T, member func(*T, *jsonReader, []byte) error) error {
	if r.PeekKind() == 'n' {
		var absent T
		*into = absent
	}
	return r.object(func(r *jsonReader, name []byte) error { return member(into, r, name) })
}

func (s *cpuStats) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "time"):
		return r.scalar(&s.Time)
	case is(name, "usageNanoCores"):
		return r.scalar(&s.NanoCores)
	case is(name, "usageCoreNanoSeconds"):
		return r.scalar(&s.CoreNanoSeconds)
	}
	return r.SkipValue()
}

func (s *memoryStats) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "time"):
		return r.scalar(&s.Time)
	case is(name, "workingSetBytes"):
		return r.scalar(&s.WorkingSetBytes)
	case is(name, "usageBytes"):
		return r.scalar(&s.UsageBytes)
	}
	return r.SkipValue()
}

func (s *swapStats) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "time"):
		return r.scalar(&s.Time)
	case is(name, "swapUsageBytes"):
		return r.scalar(&s.UsageBytes)
	}
	return r.SkipValue()
}
