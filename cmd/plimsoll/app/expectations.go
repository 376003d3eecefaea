package app

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// expectations reports to the store, the decoders and the collector what the API objects of the pods declare.
type expectations struct{ pods *cluster.Pods }

// Expect implements store.Pods.
func (e expectations) Expect(namespace, name string) (store.Expected, bool) {
	pod, ok := e.pods.Get(namespace, name)
	if !ok {
		return store.Expected{}, false
	}
	return store.Expected{
		Node: pod.Node, UID: pod.UID, Created: pod.Created * int64(time.Second),
		Static: pod.Static, Containers: pod.Expected, Idle: pod.Idle(), Awaited: pod.Awaited(), Started: pod.Started, Usage: pod.Usage,
	}, true
}

// Expects implements decode.Filter: every container of a pod that is not known is expected.
func (e expectations) Expects(namespace, pod, container string) bool {
	known, ok := e.pods.Get(namespace, pod)
	return !ok || known.Has(container)
}

// Running implements scrape.Pods.
func (e expectations) Running(node string) bool { return e.pods.Running(node) }
