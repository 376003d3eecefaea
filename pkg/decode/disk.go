package decode

import (
	stats "k8s.io/kubelet/pkg/apis/stats/v1alpha1"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Disk decodes what the body of a kubelet's /stats/summary, in full, says of local disks, in the JSON of
// k8s.io/kubelet/pkg/apis/stats/v1alpha1.
//
// A container's use is that of its own layer and its logs together; where one of the two is not known neither is the sum.
// The node's is that of the file system of the kubelet's directory. More than a file system holds is rejected.
//
// The error wraps ErrTruncated, ErrSyntax or ErrEmpty.
func Disk(body []byte) (sample.Disk, error) {
	var all diskSummary
	var d sample.Disk
	if err := unmarshal(body, &all, &d.Rejected); err != nil {
		return sample.Disk{}, err
	}
	d.Node = all.Node.FS.reading(&d.Rejected)
	for _, p := range all.Pods {
		if pod := p.disk(&d.Rejected); len(pod.Containers) > 0 {
			d.Pods = append(d.Pods, pod)
		}
	}
	if !d.Node.Known && len(d.Pods) == 0 {
		return sample.Disk{}, emptyError(body)
	}
	return d, nil
}

// diskSummary is the part of the kubelet's types that is used here, under the same names.
type diskSummary struct {
	Node struct {
		FS *fsStats `json:"fs"`
	} `json:"node"`
	Pods []podDisk `json:"pods"`
}

type podDisk struct {
	PodRef     stats.PodReference `json:"podRef"`
	Containers []containerDisk    `json:"containers"`
}

type containerDisk struct {
	Name      string   `json:"name"`
	StartTime moment   `json:"startTime"`
	Rootfs    *fsStats `json:"rootfs"`
	Logs      *fsStats `json:"logs"`
}

type fsStats struct {
	Time          moment `json:"time"`
	UsedBytes     number `json:"usedBytes"`
	CapacityBytes number `json:"capacityBytes"`
}

func (p *podDisk) disk(rejected *sample.Rejections) sample.PodDisk {
	pod := sample.PodDisk{Namespace: p.PodRef.Namespace, Name: p.PodRef.Name, UID: p.PodRef.UID}
	if pod.Namespace == "" || pod.Name == "" {
		rejected.Add(sample.Malformed)
		return sample.PodDisk{}
	}
	for _, c := range p.Containers {
		bytes, ok := c.bytes(rejected)
		if isContainer(c.Name) && ok {
			pod.Containers = append(pod.Containers, sample.ContainerDisk{Name: c.Name, Start: c.StartTime.start(), Bytes: bytes})
		}
	}
	return pod
}

func (c *containerDisk) bytes(rejected *sample.Rejections) (sum uint64, ok bool) {
	layer, logs := c.Rootfs.reading(rejected), c.Logs.reading(rejected)
	sum = layer.Value + logs.Value // of two numbers below tooLarge
	if sum >= tooLarge {
		rejected.Add(sample.TooLarge)
		return 0, false
	}
	return sum, layer.Known && logs.Known
}

// reading is the use of the file system, unless it is more than the file system holds.
func (s *fsStats) reading(rejected *sample.Rejections) sample.Reading {
	if s == nil {
		return sample.Reading{}
	}
	used := s.UsedBytes.at(s.Time, rejected)
	holds := s.CapacityBytes
	if used.Known && holds.present && holds.reason == sample.Accepted && holds.value > 0 && used.Value > holds.value {
		rejected.Add(sample.Implausible)
		return sample.Reading{}
	}
	return used
}
