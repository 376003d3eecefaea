package decode

import (
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// The part of k8s.io/kubelet/pkg/apis/stats/v1alpha1 that is used here, under the same names. With the kubelet's own types
// one bad time, even in the state of a file system, would lose the whole node; with these it loses its own readings.

type summaryStats struct {
	Node struct {
		Name string `json:"nodeName"`
		usageStats
	} `json:"node"`
	Pods []podStats `json:"pods"`
}

type podStats struct {
	PodRef     stats.PodReference `json:"podRef"`
	StartTime  moment             `json:"startTime"`
	Containers []containerStats   `json:"containers"`
}

type containerStats struct {
	Name string `json:"name"`
	usageStats
}

type usageStats struct {
	StartTime moment       `json:"startTime"`
	CPU       *cpuStats    `json:"cpu"`
	Memory    *memoryStats `json:"memory"`
	Swap      *swapStats   `json:"swap"`
}

type cpuStats struct {
	Time moment `json:"time"`
	// NanoCores is the kubelet's own average, over a window that it does not tell.
	NanoCores       number `json:"usageNanoCores"`
	CoreNanoSeconds number `json:"usageCoreNanoSeconds"`
}

type memoryStats struct {
	Time            moment `json:"time"`
	WorkingSetBytes number `json:"workingSetBytes"`
	// UsageBytes stands in where there is no working set: some virtual kubelets report only this.
	UsageBytes number `json:"usageBytes"`
}

type swapStats struct {
	Time       moment `json:"time"`
	UsageBytes number `json:"swapUsageBytes"`
}

// usage is what the statistics say, less the readings that it rejects.
func (s *usageStats) usage(rejected *sample.Rejections) sample.Usage {
	u := sample.Usage{Start: s.StartTime.start()}
	if s.CPU != nil {
		u.CPU = s.CPU.CoreNanoSeconds.at(s.CPU.Time, rejected)
		u.Rate = s.CPU.NanoCores.at(s.CPU.Time, rejected)
	}
	if s.Memory != nil {
		memory := s.Memory.WorkingSetBytes
		if !memory.present {
			memory = s.Memory.UsageBytes
		}
		u.Memory = memory.at(s.Memory.Time, rejected)
	}
	if s.Swap != nil {
		u.Swap = s.Swap.UsageBytes.at(s.Swap.Time, rejected)
	}
	return u
}

// known is how many readings the statistics have.
func (s *usageStats) known() uint32 {
	var unused sample.Rejections
	return known(s.usage(&unused))
}
