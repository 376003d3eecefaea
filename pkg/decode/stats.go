package decode

import "github.com/plimsoll/plimsoll/pkg/sample"

// The part of k8s.io/kubelet/pkg/apis/stats/v1alpha1 that is used here, under the same names. With the kubelet's own types
// one bad time, even in the state of a file system, would lose the whole node; with these it loses its own readings.

// usageStats are the statistics of a node or of a container.
type usageStats struct {
	StartTime moment
	CPU       cpuStats
	Memory    memoryStats
	Swap      swapStats
	// Fs is of a node, Rootfs (the writable layer) and Logs are of a container.
	Fs, Rootfs, Logs fsStats
}

type cpuStats struct {
	Time moment
	// NanoCores is the kubelet's own average, over a window that it does not report.
	NanoCores       number
	CoreNanoSeconds number
	PSI             psiStats
}

type memoryStats struct {
	Time            moment
	WorkingSetBytes number
	// UsageBytes stands in where there is no working set: some virtual kubelets report only this.
	UsageBytes number
	PSI        psiStats
}

type swapStats struct {
	Time       moment
	UsageBytes number
}

// selection decides which of the statistics become readings.
type selection struct {
	// extra are the extra resources.
	extra sample.ResourceSet
	// onlyExtra leaves out CPU and memory.
	onlyExtra bool
}

// usage returns the selected readings, less those that it rejects and counts.
func (s *usageStats) usage(of selection, rejected *sample.Rejections) sample.Usage {
	u := sample.Usage{Start: s.StartTime.start()}
	if !of.onlyExtra {
		memory := s.Memory.WorkingSetBytes
		if !memory.present {
			memory = s.Memory.UsageBytes
		}
		u.CPU = s.CPU.CoreNanoSeconds.at(s.CPU.Time, rejected)
		u.Rate = s.CPU.NanoCores.at(s.CPU.Time, rejected)
		u.Memory = memory.at(s.Memory.Time, rejected)
	}
	for r := range of.extra.All() {
		u.Extra = u.Extra.Set(r, s.extra(r, rejected))
	}
	return u
}

// extra returns the reading of an extra resource.
func (s *usageStats) extra(r sample.Resource, rejected *sample.Rejections) sample.Reading {
	switch r {
	case sample.EphemeralStorage:
		return s.disk(rejected)
	case sample.CPUPressureFull10s:
		return s.CPU.PSI.Full.Avg10.at(s.CPU.Time, rejected)
	case sample.CPUPressureFull60s:
		return s.CPU.PSI.Full.Avg60.at(s.CPU.Time, rejected)
	case sample.CPUPressureSome10s:
		return s.CPU.PSI.Some.Avg10.at(s.CPU.Time, rejected)
	case sample.CPUPressureSome60s:
		return s.CPU.PSI.Some.Avg60.at(s.CPU.Time, rejected)
	case sample.MemoryPressureFull10s:
		return s.Memory.PSI.Full.Avg10.at(s.Memory.Time, rejected)
	case sample.MemoryPressureFull60s:
		return s.Memory.PSI.Full.Avg60.at(s.Memory.Time, rejected)
	case sample.MemoryPressureSome10s:
		return s.Memory.PSI.Some.Avg10.at(s.Memory.Time, rejected)
	case sample.MemoryPressureSome60s:
		return s.Memory.PSI.Some.Avg60.at(s.Memory.Time, rejected)
	case sample.Swap:
		return s.Swap.UsageBytes.at(s.Swap.Time, rejected)
	}
	return sample.Reading{}
}

// member reads a member of the object that describes a node or a container. What is not selected is passed over.
func (s *usageStats) member(r *jsonReader, name []byte) error {
	switch {
	case is(name, "startTime"):
		return r.scalar(&s.StartTime)
	case is(name, "cpu"):
		return readInto(r, &s.CPU, (*cpuStats).member)
	case is(name, "memory"):
		return readInto(r, &s.Memory, (*memoryStats).member)
	case is(name, "swap") && r.selects(sample.Swap):
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
	case is(name, "psi") && r.selectsAny(cpuPressure):
		return readInto(r, &s.PSI, (*psiStats).member)
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
	case is(name, "psi") && r.selectsAny(memoryPressure):
		return readInto(r, &s.PSI, (*psiStats).member)
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
