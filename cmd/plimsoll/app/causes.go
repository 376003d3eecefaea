package app

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/server/healthz"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/store"
)

var errListing = errors.New("the cluster's nodes and pods are still being listed: if this lasts, see the log for the API server's answer")

// causes knows why there are no numbers, and whether there may be an answer at all.
type causes struct {
	cluster *cluster.Cluster
	manager *scrape.Manager
	store   *store.Store
	// warm is set once and stays: later failures of kubelets are theirs.
	warm atomic.Bool
}

// Warming is nil once nine of ten nodes have given numbers, or a reason why they have none. With less, an answer would
// look like a cluster that uses nothing.
func (c *causes) Warming() error {
	if c.warm.Load() {
		return nil
	}
	if !c.cluster.Synced() {
		return errListing
	}
	if p := c.manager.Progress(); p.Settled*10 < p.Nodes*9 {
		return fmt.Errorf("first numbers are being collected: %s", p)
	}
	c.warm.Store(true)
	return nil
}

// readyCheck says in /readyz?verbose what is awaited.
func (c *causes) readyCheck() healthz.HealthChecker {
	return healthz.NamedCheck("first-numbers", func(*http.Request) error { return c.Warming() })
}

func (c *causes) node(name string) string {
	return cmp.Or(c.manager.Cause(name), c.store.WhyNoNode(name), fmt.Sprintf("the numbers of node %q are too old to be served", name))
}

func (c *causes) pod(p *cluster.Pod) string {
	switch {
	case p.Node == "":
		return "the pod is not bound to a node yet"
	case p.Phase != corev1.PodRunning:
		return fmt.Sprintf("the pod is %s, not running", p.Phase)
	}
	return cmp.Or(c.manager.Cause(p.Node), c.store.WhyNoPod(p.Node, p.Namespace, p.Name), "its numbers are too old to be served")
}

// nodeCauses and podCauses are the two faces of causes.
type (
	nodeCauses struct{ *causes }
	podCauses  struct{ *causes }
)

// Node implements nodemetrics.Causes.
func (c nodeCauses) Node(name string) string { return c.node(name) }

// Pod implements podmetrics.Causes.
func (c podCauses) Pod(p *cluster.Pod) string { return c.pod(p) }
