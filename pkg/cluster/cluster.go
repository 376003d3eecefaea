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

// NodeHandler is notified of the changes of the cluster's nodes, one call at a time.
type NodeHandler interface {
	// Set is called with a node that is new or has changed, after Nodes has it. The node is shared and must not be changed.
	Set(*Node)
	// Remove is called with the name of a node that is gone, after Nodes has dropped it.
	Remove(name string)
}

// Cluster follows the nodes and pods of one Kubernetes cluster.
type Cluster struct {
	nodes                       *Nodes
	pods                        *Pods
	nodeReflector, podReflector *cache.Reflector
	nodesKnown, podsKnown       <-chan struct{}
	podsAfter                   func(context.Context)
}

// Options are what is kept of objects beside the fields that are always needed.
type Options struct {
	// Resources are the requests and limits of containers: see [Pod.Resources].
	Resources bool
}

func (o Options) strip(p *corev1.Pod) *Pod {
	if o.Resources {
		return StripWithResources(p)
	}
	return Strip(p)
}

// New returns a cluster that has not begun to follow anything. It keeps the nodes that the selector matches, and all pods.
func New(client kubernetes.Interface, selector labels.Selector, handler NodeHandler, options Options) *Cluster {
	nodes, pods := newNodes(handler), newPods()
	nodeInformer, podInformer := newInformer(StripNode, nodes), newInformer(options.strip, pods)
	return &Cluster{
		nodes: nodes, pods: pods,
		nodeReflector: nodeInformer.newReflector(nodeListWatch(client, selector), "nodes"),
		podReflector:  podInformer.newReflector(podListWatch(client, options), "pods"),
		nodesKnown:    nodeInformer.synced, podsKnown: podInformer.synced,
		podsAfter: func(context.Context) {},
	}
}

// OnPodDeleted has f be called with each pod that is gone, also where another of its name, with another UID, takes its place. Pods has
// dropped the pod by then, and holds no lock. The calls come one at a time, and the next change of a pod waits for f. It is called before Start.
func (c *Cluster) OnPodDeleted(f func(*Pod)) { c.pods.deleted = f }

// OnPodChanged has f be called with each pod that the API serves in another way since its object changed: other labels, another node, other containers
// that are expected, or an end. Pods has the new object by then, which has the same UID. The calls are like those of OnPodDeleted.
func (c *Cluster) OnPodChanged(f func(before, after *Pod)) { c.pods.changed = f }

// OnNodeDeleted and OnNodeChanged are the same for nodes, of which only the labels are served. The handler of nodes is notified after f returns.
func (c *Cluster) OnNodeDeleted(f func(*Node)) { c.nodes.deleted = f }

// OnNodeChanged has f be called with each node whose labels have changed: see OnNodeDeleted.
func (c *Cluster) OnNodeChanged(f func(before, after *Node)) { c.nodes.changed = f }

// PodsAfter sets what Start waits for between the list of nodes and that of pods, which is large: Start calls wait, and lists the pods when wait
// returns. It calls wait once the nodes are known, or after nodesFirst where they are not. PodsAfter is called before Start.
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
	wg.Go(func() { c.nodeReflector.RunWithContext(ctx) })
	wg.Wait()
	return nil
}

func (c *Cluster) awaitNodes(ctx context.Context) {
	select {
	case <-c.nodesKnown:
	case <-time.After(nodesFirst): // The API server may let pods be listed and not nodes.
	case <-ctx.Done():
	}
}

// Synced is true once everything that existed at the start is known.
func (c *Cluster) Synced() bool {
	return isClosed(c.podsKnown) && isClosed(c.nodesKnown)
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// PodsKnown is closed once every pod that existed at the start is known.
func (c *Cluster) PodsKnown() <-chan struct{} { return c.podsKnown }

// Nodes are the cluster's nodes.
func (c *Cluster) Nodes() *Nodes { return c.nodes }

// Pods are the cluster's pods.
func (c *Cluster) Pods() *Pods { return c.pods }
