package usage

import (
	"slices"
	"time"
)

// Node is the usage of a node. It is immutable and shared.
type Node struct {
	// Time is the end of the window, by the kubelet's clock.
	Time time.Time
	// Window is what the CPU rate is an average of.
	Window time.Duration
	// CPU is in nanocores.
	CPU uint64
	// Memory is the working set in bytes.
	Memory uint64
	// Extra are the extra resources that are served of the node.
	Extra Extras
	// ResourceVersion is the one with which this usage was published.
	ResourceVersion uint64
}

// Pod is the usage of a complete pod. It is immutable and shared: readers must not write to Containers.
type Pod struct {
	// Node is the name of the node that reports the pod.
	Node string
	// Time is the oldest end among the containers' windows, by the kubelet's clock.
	Time time.Time
	// Window is the longest among the containers.
	Window time.Duration
	// Containers are all that the pod's object expects to have usage, in the order of that object; never empty.
	Containers []Container
	// ResourceVersion is the one with which this usage was published.
	ResourceVersion uint64
}

// Container is the usage of one container of a pod.
type Container struct {
	Name string
	// CPU is in nanocores.
	CPU uint64
	// Memory is the working set in bytes.
	Memory uint64
	// Extra are the extra resources that are served of the container.
	Extra Extras
}

// Equal is true where the two differ in nothing but the resource version.
func (n *Node) Equal(other *Node) bool {
	return n.Time.Equal(other.Time) && n.Window == other.Window && n.CPU == other.CPU && n.Memory == other.Memory &&
		slices.Equal(n.Extra, other.Extra)
}

// WithVersion returns the same usage with another resource version; no usage where n is nil.
func (n *Node) WithVersion(version uint64) *Node {
	var other Node
	if n != nil {
		other = *n
	}
	other.ResourceVersion = version
	return &other
}

// WithVersion returns the same usage with another resource version; no usage where p is nil.
func (p *Pod) WithVersion(version uint64) *Pod {
	var other Pod
	if p != nil {
		other = *p
	}
	other.ResourceVersion = version
	return &other
}

func (c Container) equal(other Container) bool {
	return c.Name == other.Name && c.CPU == other.CPU && c.Memory == other.Memory && slices.Equal(c.Extra, other.Extra)
}

// Equal is true where the two differ in nothing but the resource version.
func (p *Pod) Equal(other *Pod) bool {
	return p.Node == other.Node && p.Time.Equal(other.Time) && p.Window == other.Window && slices.EqualFunc(p.Containers, other.Containers, Container.equal)
}

// HasAll is true where the pod has usage of all these containers, which are in the order of the pod's object. A nil pod has none.
func (p *Pod) HasAll(containers []string) bool {
	if p == nil {
		return len(containers) == 0
	}
	rest := p.Containers
	for _, name := range containers {
		i := slices.IndexFunc(rest, func(c Container) bool { return c.Name == name })
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}
