package cluster

import (
	"context"

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
type Nodes struct{ store cache.Store }

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
	store, controller := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: cache.ToListWatcherWithWatchListSemantics(list, client),
		ObjectType:    &corev1.Node{},
		Handler:       nodeEvents(handler),
		Transform:     stripNode,
	})
	return &Nodes{store: store}, controller
}

func nodeEvents(handler NodeHandler) cache.ResourceEventHandler {
	set := func(object any) {
		if n, ok := object.(*corev1.Node); ok {
			handler.Set(n)
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    set,
		UpdateFunc: func(_, object any) { set(object) },
		DeleteFunc: func(object any) {
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

// List returns all nodes in no order. The slice is the caller's.
func (n *Nodes) List() []*corev1.Node { return convert[corev1.Node](n.store.List()) }

func convert[T any](objects []any) []*T {
	out := make([]*T, 0, len(objects))
	for _, object := range objects {
		if t, ok := object.(*T); ok {
			out = append(out, t)
		}
	}
	return out
}
