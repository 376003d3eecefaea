package cluster

import (
	"context"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// NodeHandler is told of the cluster's nodes, one call at a time.
type NodeHandler interface {
	// Set is called with a node that is new or has changed. The node is shared and must not be changed.
	Set(*corev1.Node)
	// Remove is called with the name of a node that is gone.
	Remove(name string)
}

// Cluster follows the nodes and pods of one Kubernetes cluster.
type Cluster struct {
	nodes          *Nodes
	pods           *Pods
	nodeController cache.Controller
	podFeed        *podFeed
	podReflector   *cache.Reflector
	podsAfter      func(context.Context)
}

// New returns a cluster that has not begun to follow anything. It keeps the nodes that the selector takes, and all pods.
func New(client kubernetes.Interface, selector labels.Selector, handler NodeHandler) *Cluster {
	nodes, nodeController := newNodes(client, selector, handler)
	feed := newPodFeed()
	return &Cluster{
		nodes: nodes, pods: feed.pods, nodeController: nodeController,
		podFeed: feed, podReflector: feed.newReflector(client),
		podsAfter: func(context.Context) {},
	}
}

// PodsAfter has the list of pods, which is large, begin only when wait returns. Start is called after it, and calls wait once the nodes
// are known, or cannot be for some time.
func (c *Cluster) PodsAfter(wait func(context.Context)) { c.podsAfter = wait }

// nodesFirst is how long the list of pods waits for that of nodes.
const nodesFirst = 5 * time.Second

// Start follows the cluster until ctx is done. An API server that is away is tried again for as long as it takes.
func (c *Cluster) Start(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() {
		c.awaitNodes(ctx)
		c.podsAfter(ctx)
		c.podReflector.RunWithContext(ctx)
	})
	wg.Go(func() { c.nodeController.RunWithContext(ctx) })
	wg.Wait()
	return nil
}

func (c *Cluster) awaitNodes(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, nodesFirst)
	defer cancel()
	cache.WaitFor(ctx, "", c.nodeController.HasSyncedChecker()) // Pods may be listed where nodes may not.
}

// Synced is true once everything that existed at the start is known.
func (c *Cluster) Synced() bool {
	select {
	case <-c.podFeed.synced:
		return c.nodeController.HasSynced()
	default:
		return false
	}
}

// PodsKnown is closed once every pod that existed at the start is known.
func (c *Cluster) PodsKnown() <-chan struct{} { return c.podFeed.synced }

// Nodes are the cluster's nodes.
func (c *Cluster) Nodes() *Nodes { return c.nodes }

// Pods are the cluster's pods.
func (c *Cluster) Pods() *Pods { return c.pods }
