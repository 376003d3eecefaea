package fleet

// Pressure of CPU and memory, the same for every node, pod and container of a fleet that has any: the share of time in which some tasks, or
// all, waited, in percent as a kubelet writes it.
const (
	CPUSome10s    = "0.53"
	CPUSome60s    = "12.5"
	CPUFull10s    = "0"
	CPUFull60s    = "0.01"
	MemorySome10s = "100"
	MemorySome60s = "3.07"
	MemoryFull10s = "50.25"
	MemoryFull60s = "1"
)

// stalled is an invented total of the time that tasks waited, in nanoseconds, and longAverage an average over five minutes, in percent.
const (
	stalled     = 1_234_567_000
	longAverage = "2.5"
)

// psi writes the pressure stall information of one resource, where the fleet has any.
func (s *summary) psi(full10, full60, some10, some60 string) {
	if !s.pressure {
		return
	}
	s.open("psi", '{')
	s.averages("full", full10, full60)
	s.averages("some", some10, some60)
	s.close('}')
}

func (s *summary) averages(key, over10, over60 string) {
	s.open(key, '{')
	s.number("total", stalled)
	s.raw("avg10", over10)
	s.raw("avg60", over60)
	s.raw("avg300", longAverage)
	s.close('}')
}
