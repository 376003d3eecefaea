package sample

// Node is one kubelet answer: the node itself and the pods that it reports.
//
// A decoder builds it and gives it away: nobody else holds a reference to its slices.
type Node struct {
	Usage
	// Pods are in the order of the answer; a namespace and name appear once.
	Pods []Pod
	// Unexpected counts the containers that the answer names and the decoder left out because their pods have none of these names.
	Unexpected int
	// Rejected counts the readings that the decoder left out, by reason.
	Rejected Rejections
}

// Pod is what the kubelet reported for the containers of one pod.
type Pod struct {
	Namespace, Name string
	// UID is the kubelet's own: empty where the format has none, and the configuration's hash for a static pod.
	UID string
	// Containers have distinct names, never "" or "POD".
	Containers []Container
}

// Container is what the kubelet reported for one container.
type Container struct {
	Name string
	Usage
}

// Usage is one look at a container or a node. Each reading has a time of its own.
type Usage struct {
	// Start is when this life began, in Unix nanoseconds; 0 where it is unknown.
	Start int64
	// CPU is the time used since Start, in nanoseconds.
	CPU Reading
	// Memory is the working set, in bytes.
	Memory Reading
	// Rate is the CPU rate that the kubelet computed, in nanocores, averaged over a window that it does not report.
	Rate Reading
	// Extra are the extra resources for which the decoder was asked; nil where there are none.
	Extra Extras
}

// Reading is one number and when the kubelet read it.
type Reading struct {
	// Value is in the unit of the field that holds the reading.
	Value uint64
	// Time is in Unix nanoseconds; 0 where the kubelet gave none and the time of asking has to serve.
	Time int64
	// Known is false where the kubelet did not report the number, or where Refused.
	Known bool
	// Refused is why the decoder left out what the kubelet reported; Accepted where it did not.
	Refused Reason
}

// Stamp gives the time of asking (Unix nanoseconds) to every reading that came without a time of its own.
func (n *Node) Stamp(asked int64) {
	n.Usage.stamp(asked)
	for i := range n.Pods {
		for j := range n.Pods[i].Containers {
			n.Pods[i].Containers[j].stamp(asked)
		}
	}
}

func (u *Usage) stamp(asked int64) {
	for _, r := range []*Reading{&u.CPU, &u.Memory, &u.Rate} {
		r.stamp(asked)
	}
	for i := range u.Extra {
		u.Extra[i].stamp(asked)
	}
}

func (r *Reading) stamp(asked int64) {
	if r.Known && r.Time == 0 {
		r.Time = asked
	}
}

// NamesContainers is true where the node reports a container, even one that its pod is not expected to have.
func (n *Node) NamesContainers() bool {
	if n.Unexpected > 0 {
		return true
	}
	for i := range n.Pods {
		if len(n.Pods[i].Containers) > 0 {
			return true
		}
	}
	return false
}
