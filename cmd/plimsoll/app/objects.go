package app

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// objects reports to the store, the decoders and the collector what the API objects of a cluster declare.
type objects struct{ *cluster.Cluster }

// Pod implements store.Objects.
func (o objects) Pod(namespace, name string) (store.Expected, bool) {
	pod, ok := o.Pods().Get(namespace, name)
	if !ok {
		return store.Expected{}, false
	}
	return store.Expected{
		Node: pod.Node, UID: pod.UID, Created: int64(pod.Created) * int64(time.Second),
		Static: pod.Static, Containers: pod.Expected, Idle: pod.Idle(), Awaited: pod.Awaited(), Started: pod.Started, Usage: pod.Usage,
	}, true
}

// Node implements store.Objects.
func (o objects) Node(name string) (uid string, cell *usage.NodeCell, ok bool) {
	node, ok := o.Nodes().Get(name)
	if !ok {
		return "", nil, false
	}
	return node.UID, node.Usage, true
}

// Expects implements decode.Filter: every container of a pod that is not known is expected.
func (o objects) Expects(namespace, pod, container string) bool {
	known, ok := o.Pods().Get(namespace, pod)
	return !ok || known.Has(container)
}

// Running implements scrape.Pods.
func (o objects) Running(node string) bool { return o.Pods().Running(node) }
