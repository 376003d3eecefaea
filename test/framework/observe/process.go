package observe

import (
	"time"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

// Process is what a process took while it was measured.
type Process struct {
	// CPU is its CPU time, in user and in kernel mode, and Elapsed how long it was measured.
	CPU, Elapsed time.Duration
	// Peak is its largest resident memory, and Resident that at the end, in bytes: 0 where the process has ended.
	Peak, Resident uint64
}

// Cores is how many cores the process used on average.
func (p Process) Cores() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return p.CPU.Seconds() / p.Elapsed.Seconds()
}

// measure begins to measure a process. The returned function ends that.
func measure(pid int) (end func() Process) {
	begin := time.Now()
	// Where the kernel does not reset the peak it is that since the start of the process, which is the stricter measure.
	_ = process.ResetPeak(pid)
	before, _ := process.CPUTime(pid)
	return func() (p Process) {
		p.Elapsed = time.Since(begin)
		if after, err := process.CPUTime(pid); err == nil {
			p.CPU = after - before
		}
		if m, err := process.MemoryOf(pid); err == nil {
			p.Peak, p.Resident = m.Peak, m.Resident
		}
		return p
	}
}
