package app

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

// messages explain, in one sentence each, why the usage of a node or a pod is missing.
type messages struct {
	// startup has the message for the time before the first truthful response.
	*startup
	collector failures
	store     gaps
}

// failures are why nodes could not be scraped. A Collector has them.
type failures interface {
	// Cause is empty where the newest scrape of the node succeeded.
	Cause(node string) string
}

// gaps are what a successful scrape did not bring. The store knows them.
type gaps interface {
	// NodeMessage is about the node's own usage; empty where none is known to be missing.
	NodeMessage(name string) string
	// PodMessage is the same about a pod of the node.
	PodMessage(node, namespace, name string) string
}

// nodeMessages implements nodemetrics.Causes.
type nodeMessages struct{ messages }

// Node returns the message about a node that exists.
func (m nodeMessages) Node(name string) string {
	return cmp.Or(m.collector.Cause(name), m.store.NodeMessage(name), fmt.Sprintf("the usage of node %q is too old to be served", name))
}

// podMessages implements podmetrics.Causes.
type podMessages struct{ messages }

// Pod returns the message about a pod that exists and has not ended.
func (m podMessages) Pod(p *cluster.Pod) string {
	switch {
	case p.Node == "":
		return "the pod is not bound to a node yet"
	case p.Phase == corev1.PodPending:
		return "the pod is pending: its containers have not been started yet"
	case len(p.Idle()) == len(p.Expected):
		return "no container of the pod is running"
	}
	return cmp.Or(m.collector.Cause(p.Node), m.store.PodMessage(p.Node, p.Namespace, p.Name), "the usage of the pod is too old to be served")
}
