package store

import "strings"

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

// missingUsage is why the newest scrape gave no complete usage of a pod.
type missingUsage struct {
	container string
	reason    missingReason
}

// sentences have a %s for the subject.
var sentences = [...]string{
	notReported:   "the kubelet reports no usage for %s",
	noCPU:         "the kubelet reports no CPU for %s",
	badClock:      "the clock of the node is more than a minute ahead of Plimsoll's, or was never set, when the kubelet reports %s",
	noMemory:      "the kubelet reports no memory for %s",
	oldMemory:     "the kubelet has long reported no new memory that is valid for %s",
	noRate:        "%s has been seen too briefly for a CPU rate: it needs two readings some seconds apart, or an age of 10 seconds",
	refusedCPU:    "Plimsoll refuses the CPU that the kubelet reports for %s: it is more than ten times what the node declares; compare the node's capacity with the machine",
	refusedMemory: "Plimsoll refuses the memory that the kubelet reports for %s: it is more than ten times what the node declares; compare the node's capacity with the machine",
	noNumber:      "Plimsoll refuses what the kubelet reports for %s: the value is invalid; plimsoll_readings_rejected_total has the reason",
	noContainer:   "no container of the pod is running",
}

// of is one sentence about a subject for a person, without a full stop; empty where nothing is missing.
func (r missingReason) of(subject string) string {
	return strings.ReplaceAll(sentences[r], "%s", subject)
}
