package app

import (
	"iter"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/export"
)

// exported reports to the exporter what the API objects of a cluster declare.
type exported struct{ *cluster.Cluster }

// Pod implements export.Objects.
func (e exported) Pod(namespace, name string) (export.Object, bool) {
	pod, ok := e.Pods().Get(namespace, name)
	if !ok {
		return export.Object{}, false
	}
	o := export.Object{Labels: pod.Labels.All(), Node: pod.Node, UID: pod.UID, Static: pod.Static}
	if pod.HasResources() {
		next := 0 // The exporter goes through the containers in their order, of which a pod can have thousands.
		o.Resources = func(container string) (requests, limits export.Amounts) {
			at := next
			if at >= len(pod.Expected) || pod.Expected[at] != container {
				at = slices.Index(pod.Expected, container)
			}
			if at < 0 {
				return requests, limits
			}
			next = at + 1
			return amounts(pod.Resources(at))
		}
	}
	return o, true
}

func amounts(r cluster.Resources) (requests, limits export.Amounts) {
	return export.Amounts{CPU: r.CPURequest, Memory: r.MemoryRequest}, export.Amounts{CPU: r.CPULimit, Memory: r.MemoryLimit}
}

// Allocations implements export.Objects.
func (e exported) Allocations() iter.Seq[export.Allocation] {
	return func(yield func(export.Allocation) bool) {
		for pod := range e.Pods().All() {
			if pod.Node == "" || pod.Phase == corev1.PodSucceeded || pod.Phase == corev1.PodFailed {
				continue
			}
			a := export.Allocation{Namespace: pod.Namespace, Node: pod.Node}
			for i := range pod.Expected {
				requests, limits := amounts(pod.Resources(i))
				a.Requests.Add(requests)
				a.Limits.Add(limits)
			}
			if !yield(a) {
				return
			}
		}
	}
}

// Node implements export.Objects.
func (e exported) Node(name string) (export.Object, bool) {
	node, ok := e.Nodes().Get(name)
	if !ok {
		return export.Object{}, false
	}
	return export.Object{Labels: node.Labels.All()}, true
}
