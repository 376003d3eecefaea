package scenario

import (
	"cmp"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// What follows stands where the command wires the packages to each other.

// targets keeps where the nodes are until the next scrape, which the scenario commands.
type targets struct {
	config  target.Config
	manager *scrape.Manager
	nodes   map[string]target.Target
	// followed are the nodes that have a loop.
	followed map[string]bool
	// looks is how many looks were commanded.
	looks int
	// further are the nodes whose next look may ask for more than the endpoint, by what that is.
	further map[string]further
}

// further is what the kubelet will answer beside the endpoint at the next look.
type further struct{ summary, disks bool }

// Set implements cluster.NodeHandler.
func (t *targets) Set(n *corev1.Node) {
	to, err := t.config.For(n)
	if err != nil {
		t.manager.Refuse(n.Name, err)
		return
	}
	t.nodes[n.Name] = to
}

// Remove implements cluster.NodeHandler.
func (t *targets) Remove(name string) {
	delete(t.nodes, name)
	delete(t.followed, name)
	t.manager.Remove(name)
}

// look has the node's loop look once: a loop looks at once at a node that has moved, so each look is at another URL. After the
// first look of a cold start the loop looks again by itself.
func (t *targets) look(node string, first bool) error {
	to, ok := t.nodes[node]
	if !ok {
		return fmt.Errorf("there is no node %s", node)
	}
	more := t.further[node]
	delete(t.further, node)
	if !first && !more.summary {
		// Without it the loop does not look out of turn, and does not fall back.
		to.SummaryURL = ""
	}
	if !more.disks {
		to.DiskURL = ""
	}
	if !t.followed[node] {
		t.followed[node] = true
		t.manager.Set(to)
	}
	t.looks++
	to.URL += fmt.Sprintf("#%d", t.looks)
	t.manager.Set(to)
	return nil
}

// expectations tells the store and the loops what the pods' own objects say.
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

// Expects implements decode.Filter.
func (e expectations) Expects(namespace, pod, container string) bool {
	known, ok := e.pods.Get(namespace, pod)
	return !ok || known.Has(container)
}

// Running implements scrape.Pods.
func (e expectations) Running(node string) bool { return e.pods.Running(node) }

type (
	nodeCauses struct{ *server }
	podCauses  struct{ *server }
)

// Warming is nil: a scenario asks when it wants to.
func (s *server) Warming() error { return nil }

// Node implements nodemetrics.Causes.
func (c nodeCauses) Node(name string) string {
	return cmp.Or(c.manager.Cause(name), c.store.WhyNoNode(name), "too old")
}

// Pod implements podmetrics.Causes.
func (c podCauses) Pod(p *cluster.Pod) string {
	return cmp.Or(c.manager.Cause(p.Node), c.store.WhyNoPod(p.Node, p.Namespace, p.Name), "too old")
}
