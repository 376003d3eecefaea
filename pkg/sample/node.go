package sample

import "slices"

// Node is one response of a kubelet: the node itself and the pods that it reports.
//
// It belongs to the caller of the decoder, which keeps no reference to its slices.
type Node struct {
	Usage
	// Pods are in the order of the response; a namespace and name appear once.
	Pods []Pod
	// Unexpected counts the containers of the response that the decoder left out because the objects of their pods do not have them.
	Unexpected int
	// FullParse is true for a text that is not written as kubelets write, so that the full parser read it.
	FullParse bool
	// Rejected counts the readings that the decoder left out, by reason.
	Rejected Rejections
}

// Pod is what the kubelet reported for the containers of one pod.
type Pod struct {
	Namespace, Name string
	// UID is the kubelet's own: empty where the format has none, and the configuration's hash for a static pod.
	UID string
	// Start is when the pod began, in Unix nanoseconds; 0 where it is unknown. It and Details come with the details alone.
	Start int64
	// Details are those of the pod itself; nil where there are none.
	Details *Details
	// Extra are the extra resources of the pod as a whole.
	Extra ExtraReadings
	// Containers have distinct names, never "" or "POD".
	Containers []Container
}

// Container is what the kubelet reported for one container.
type Container struct {
	Name string
	Usage
}

// Usage is what one response reports of a container or a node. Each reading has a time of its own.
type Usage struct {
	// Start is when this instance of the container began, in Unix nanoseconds; 0 where it is unknown.
	Start int64
	// CPU is the time used since Start, in nanoseconds.
	CPU Reading
	// Memory is the working set, in bytes.
	Memory Reading
	// Rate is the kubelet rate: the CPU rate in nanocores that the kubelet computed itself, over a window that it does not report.
	Rate Reading
	// Extra are the extra resources that the decoder was configured to read; nil where there are none.
	Extra ExtraReadings
	// Details are nil unless the decoder was configured to read them and there are any.
	Details *Details
}

// Reading is one number and when the kubelet read it.
type Reading struct {
	// Value is in the unit of the field that holds the reading.
	Value uint64
	// Time is in Unix nanoseconds; 0 where the kubelet gave none: see Stamp.
	Time int64
	// Known is false where the kubelet did not report the number, or where the decoder rejected it.
	Known bool
	// Rejected is why the decoder left out what the kubelet reported; NotRejected where it did not.
	Rejected Rejection
}

// Stamp gives the time at which the request was sent (Unix nanoseconds) to every reading that came without a time of its own.
func (n *Node) Stamp(sentAt int64) {
	n.Usage.stamp(sentAt)
	for i := range n.Pods {
		n.Pods[i].Details.stamp(sentAt)
		n.Pods[i].Extra.stamp(sentAt)
		for j := range n.Pods[i].Containers {
			n.Pods[i].Containers[j].stamp(sentAt)
		}
	}
}

func (u *Usage) stamp(sentAt int64) {
	u.CPU.stamp(sentAt)
	u.Memory.stamp(sentAt)
	u.Rate.stamp(sentAt)
	u.Details.stamp(sentAt)
	u.Extra.stamp(sentAt)
}

func (r *Reading) stamp(sentAt int64) {
	if r.Known && r.Time == 0 {
		r.Time = sentAt
	}
}

// NamesContainers is true where the node reports a container, even one that its pod is not expected to have.
func (n *Node) NamesContainers() bool {
	return n.Unexpected > 0 || slices.ContainsFunc(n.Pods, func(p Pod) bool { return len(p.Containers) > 0 })
}
