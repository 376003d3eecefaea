package app

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

// messages explain, in one sentence each, why the usage of a node or a pod is missing. It implements nodemetrics.Messages and podmetrics.Messages.
type messages struct {
	// startup has the message for the time before the first truthful response.
	*startup
	// failures are why usage could not be collected: a Collector has them. gaps are what a successful attempt did not bring: the store has them. A message is
	// empty where there is none.
	failures interface {
		Message(node string) string
		Details(node string) string
	}
	gaps interface {
		NodeMessage(name string) string
		PodMessage(node, namespace, name string) string
	}
}

// Node returns the message about a node that exists.
func (m messages) Node(name string) string {
	message := m.failures.Message(name)
	if details := m.failures.Details(name); message != "" && details != "" { // A scrape may have succeeded in between.
		message += "; " + details
	}
	return cmp.Or(message, m.gaps.NodeMessage(name), fmt.Sprintf("the usage of node %q is too old to be served", name))
}

// Pod returns the message about a pod that exists and has not ended. Its readers may have no right but to read the pods of one namespace.
func (m messages) Pod(p *cluster.Pod) string {
	switch {
	case p.Node == "":
		return "the pod is not bound to a node yet"
	case p.Phase == corev1.PodPending:
		return "the pod is pending: its containers have not been started yet"
	case len(p.Idle()) == len(p.Expected):
		return "no container of the pod is running"
	}
	return cmp.Or(m.failures.Message(p.Node), m.gaps.PodMessage(p.Node, p.Namespace, p.Name), "the usage of the pod is too old to be served")
}
