package store

import "fmt"

// lack is what keeps a container, and with it its pod, from having an answer.
type lack uint8

const (
	nothing lack = iota
	notReported
	noCPU
	badClock
	noMemory
	oldMemory
	noRate
	refusedCPU
	refusedMemory
	noNumber
	noContainer
)

// missing is why the newest look at a pod gave no whole answer.
type missing struct {
	container string
	lack      lack
}

// String is one sentence for a person, without a full stop; empty where nothing is missing.
func (m missing) String() string {
	if m.lack == noContainer {
		return "no container of the pod is running"
	}
	return m.lack.of(fmt.Sprintf("container %q", m.container))
}

// of says what whom lacks; empty where nothing is missing.
func (l lack) of(whom string) string {
	switch l {
	case notReported:
		return "the kubelet reports no numbers for " + whom
	case noCPU:
		return "the kubelet reports no CPU for " + whom
	case badClock:
		return "the clock of the node is more than a minute ahead of Plimsoll's, or was never set, when it reports " + whom
	case noMemory:
		return "the kubelet reports no memory for " + whom
	case oldMemory:
		return "the kubelet has long reported no new memory that can be believed for " + whom
	case noRate:
		return whom + " has been seen too briefly for a CPU rate: it needs two readings some seconds apart, or an age of 10 seconds"
	case refusedCPU:
		return "Plimsoll refuses the CPU that the kubelet reports for " + whom + ": it is more than ten times what the node declares; compare the node's capacity with the machine"
	case noNumber:
		return "Plimsoll refuses what the kubelet reports for " + whom + ": it is no number that can be; plimsoll_readings_rejected_total has the reason"
	case refusedMemory:
		return "Plimsoll refuses the memory that the kubelet reports for " + whom + ": it is more than ten times what the node declares; compare the node's capacity with the machine"
	default:
		return ""
	}
}
