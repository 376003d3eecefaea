package cluster

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// PathAnnotation is a node's own word for the path of its resource metrics; it is the one annotation that is kept.
const PathAnnotation = "metrics.k8s.io/resource-metrics-path"

// Nodes are the nodes of a cluster, stripped. They are shared by their readers and never changed.
type Nodes struct {
	store cache.Store
	// changes counts what has become of nodes, and ordered is all of them as they were at one such count.
	changes atomic.Uint64
	ordered atomic.Pointer[orderedNodes]
}

// orderedNodes are in the order of their names.
type orderedNodes struct {
	at    uint64
	nodes []*corev1.Node
}

func newNodes(client kubernetes.Interface, selector labels.Selector, handler NodeHandler) (*Nodes, cache.Controller) {
	api := client.CoreV1().Nodes()
	list := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.LabelSelector = selector.String()
			return api.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.LabelSelector = selector.String()
			return api.Watch(ctx, o)
		},
	}
	nodes := &Nodes{}
	var controller cache.Controller
	nodes.store, controller = cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: cache.ToListWatcherWithWatchListSemantics(list, client),
		ObjectType:    &corev1.Node{},
		Handler:       nodes.events(handler),
		Transform:     stripNode,
	})
	return nodes, controller
}

func (n *Nodes) events(handler NodeHandler) cache.ResourceEventHandler {
	set := func(object any) {
		n.changes.Add(1)
		if n, ok := object.(*corev1.Node); ok {
			handler.Set(n)
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    set,
		UpdateFunc: func(_, object any) { set(object) },
		DeleteFunc: func(object any) {
			n.changes.Add(1)
			if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object); err == nil {
				handler.Remove(key)
			}
		},
	}
}

// stripNode keeps what targets and answers are made of.
func stripNode(object any) (any, error) {
	n, ok := object.(*corev1.Node)
	if !ok {
		return object, nil
	}
	meta := stripMeta(&n.ObjectMeta)
	if path, ok := n.Annotations[PathAnnotation]; ok {
		meta.Annotations = map[string]string{PathAnnotation: path}
	}
	return &corev1.Node{
		ObjectMeta: meta,
		Status: corev1.NodeStatus{
			Addresses:       n.Status.Addresses,
			DaemonEndpoints: n.Status.DaemonEndpoints,
			Capacity:        capacity(n.Status.Capacity),
			Conditions:      readyCondition(n.Status.Conditions),
			NodeInfo:        corev1.NodeSystemInfo{BootID: n.Status.NodeInfo.BootID, Swap: n.Status.NodeInfo.Swap},
		},
	}, nil
}

func stripMeta(m *metav1.ObjectMeta) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name:              m.Name,
		Namespace:         m.Namespace,
		UID:               m.UID,
		ResourceVersion:   m.ResourceVersion,
		CreationTimestamp: m.CreationTimestamp,
		Labels:            m.Labels,
	}
}

// capacity is what bounds the numbers that are believed.
func capacity(all corev1.ResourceList) corev1.ResourceList {
	kept := corev1.ResourceList{}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if quantity, ok := all[name]; ok {
			kept[name] = quantity
		}
	}
	return kept
}

func readyCondition(all []corev1.NodeCondition) []corev1.NodeCondition {
	for _, c := range all {
		if c.Type == corev1.NodeReady {
			return []corev1.NodeCondition{{Type: c.Type, Status: c.Status}}
		}
	}
	return nil
}

// Get returns a node by name.
func (n *Nodes) Get(name string) (*corev1.Node, bool) {
	object, exists, err := n.store.GetByKey(name)
	if err != nil || !exists {
		return nil, false
	}
	node, ok := object.(*corev1.Node)
	return node, ok
}

// List returns the nodes that a selector takes, in the order of their names. The slice is the caller's. No lock is held while the selector
// is asked. The error is that of ctx, which ends the list.
func (n *Nodes) List(ctx context.Context, selector labels.Selector) ([]*corev1.Node, error) {
	all := n.inOrder()
	if selector.Empty() {
		return slices.Clone(all), nil
	}
	var out []*corev1.Node
	for i, node := range all {
		if i%matchedAtOnce == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("list the nodes: %w", context.Cause(ctx))
		}
		if selector.Matches(labels.Set(node.Labels)) {
			out = append(out, node)
		}
	}
	return out, nil
}

// All are the nodes in the order of their names.
func (n *Nodes) All() iter.Seq[*corev1.Node] { return slices.Values(n.inOrder()) }

// inOrder sorts the nodes once for each change of one.
func (n *Nodes) inOrder() []*corev1.Node {
	at := n.changes.Load()
	if ordered := n.ordered.Load(); ordered != nil && ordered.at == at {
		return ordered.nodes
	}
	var nodes []*corev1.Node
	for _, object := range n.store.List() {
		if node, ok := object.(*corev1.Node); ok {
			nodes = append(nodes, node)
		}
	}
	slices.SortFunc(nodes, func(a, b *corev1.Node) int { return cmp.Compare(a.Name, b.Name) })
	n.ordered.Store(&orderedNodes{at, nodes})
	return nodes
}
