package store

import "fmt"

// missingReason is what keeps a container, and with it its pod, from having usage.
type missingReason uint8

const (
	nothingMissing missingReason = iota
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

// missing is why the newest scrape gave no complete usage of a pod.
type missing struct {
	container string
	reason    missingReason
}

// String is one sentence for a person, without a full stop; empty where nothing is missing.
func (m missing) String() string {
	if m.reason == noContainer {
		return "no container of the pod is running"
	}
	return m.reason.of(fmt.Sprintf("container %q", m.container))
}

// of is one sentence about a subject; empty where nothing is missing.
func (r missingReason) of(subject string) string {
	switch r {
	case notReported:
		return "the kubelet reports no usage for " + subject
	case noCPU:
		return "the kubelet reports no CPU for " + subject
	case badClock:
		return "the clock of the node is more than a minute ahead of Plimsoll's, or was never set, when the kubelet reports " + subject
	case noMemory:
		return "the kubelet reports no memory for " + subject
	case oldMemory:
		return "the kubelet has long reported no new memory that is valid for " + subject
	case noRate:
		return subject + " has been seen too briefly for a CPU rate: it needs two readings some seconds apart, or an age of 10 seconds"
	case refusedCPU:
		return "Plimsoll refuses the CPU that the kubelet reports for " + subject + ": it is more than ten times what the node declares; compare the node's capacity with the machine"
	case noNumber:
		return "Plimsoll refuses what the kubelet reports for " + subject + ": the value is invalid; plimsoll_readings_rejected_total has the reason"
	case refusedMemory:
		return "Plimsoll refuses the memory that the kubelet reports for " + subject + ": it is more than ten times what the node declares; compare the node's capacity with the machine"
	default:
		return ""
	}
}
