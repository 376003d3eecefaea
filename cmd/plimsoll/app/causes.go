package app

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

// looks knows why a kubelet could not be looked at.
type looks interface {
	// Cause is one sentence about the node; empty where the newest look succeeded.
	Cause(node string) string
}

// lacks knows what a look at a kubelet did not bring.
type lacks interface {
	// WhyNoNode is one sentence about the node itself; empty where nothing is known to be missing.
	WhyNoNode(name string) string
	// WhyNoPod is the same about a pod of the node.
	WhyNoPod(node, namespace, name string) string
}

// causes knows why there are no numbers, and whether there may be an answer at all.
type causes struct {
	*warmUp
	looks looks
	lacks lacks
}

func (c causes) node(name string) string {
	return cmp.Or(c.looks.Cause(name), c.lacks.WhyNoNode(name), fmt.Sprintf("the numbers of node %q are too old to be served", name))
}

// pod is asked about pods that have not ended.
func (c causes) pod(p *cluster.Pod) string {
	switch {
	case p.Node == "":
		return "the pod is not bound to a node yet"
	case p.Phase == corev1.PodPending:
		return "the pod is pending: its containers have not been started yet"
	case len(p.Idle()) == len(p.Expected):
		return "no container of the pod is running"
	}
	return cmp.Or(c.looks.Cause(p.Node), c.lacks.WhyNoPod(p.Node, p.Namespace, p.Name), "its numbers are too old to be served")
}

// nodeCauses and podCauses are the two faces of causes.
type (
	nodeCauses struct{ causes }
	podCauses  struct{ causes }
)

// Node implements nodemetrics.Causes.
func (c nodeCauses) Node(name string) string { return c.node(name) }

// Pod implements podmetrics.Causes.
func (c podCauses) Pod(p *cluster.Pod) string { return c.pod(p) }
