package cluster

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// nodeFeed keeps Nodes as the API server has them, and notifies a handler after each change. The reflector calls it, one call at a time.
type nodeFeed struct {
	nodes   *Nodes
	handler NodeHandler
	// synced is closed once all nodes that there were at the start are known.
	synced chan struct{}
	once   sync.Once
}

var _ cache.TransformingStore = &nodeFeed{}

func newNodeFeed(handler NodeHandler) *nodeFeed {
	return &nodeFeed{nodes: newNodes(), handler: handler, synced: make(chan struct{})}
}

// newReflector returns what feeds the nodes that the selector matches.
func (f *nodeFeed) newReflector(client kubernetes.Interface, selector labels.Selector) *cache.Reflector {
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
	return cache.NewReflectorWithOptions(cache.ToListWatcherWithWatchListSemantics(list, client), &corev1.Node{}, f,
		cache.ReflectorOptions{Name: "nodes"})
}

// keyedNode is a stripped node that the reflector keeps until it has the whole first list, which it indexes by the name.
type keyedNode struct{ *Node }

// GetObjectMeta implements metav1.ObjectMetaAccessor.
func (n keyedNode) GetObjectMeta() metav1.Object { return &metav1.ObjectMeta{Name: n.Name} }

// Transformer has the reflector strip the nodes of a first list while they arrive. It implements cache.TransformingStore.
func (f *nodeFeed) Transformer() cache.TransformFunc {
	return func(object any) (any, error) {
		if n, ok := object.(*corev1.Node); ok {
			return keyedNode{StripNode(n)}, nil
		}
		return object, nil
	}
}

func strippedNode(object any) (*Node, error) {
	switch n := object.(type) {
	case *corev1.Node:
		return StripNode(n), nil
	case keyedNode:
		return n.Node, nil
	default:
		return nil, fmt.Errorf("the API server sent a %T in place of a node", object)
	}
}

// Add implements cache.ReflectorStore.
func (f *nodeFeed) Add(object any) error { return f.Update(object) }

// Update implements cache.ReflectorStore.
func (f *nodeFeed) Update(object any) error {
	node, err := strippedNode(object)
	if err != nil {
		return err
	}
	f.set(node)
	return nil
}

func (f *nodeFeed) set(node *Node) {
	f.nodes.put(node)
	f.handler.Set(node)
}

// Delete implements cache.ReflectorStore.
func (f *nodeFeed) Delete(object any) error {
	node, err := strippedNode(object)
	if err != nil {
		return err
	}
	f.remove(node.Name)
	return nil
}

func (f *nodeFeed) remove(name string) {
	f.nodes.remove(name)
	f.handler.Remove(name)
}

// Replace takes over all nodes that there are, and drops the others. It implements cache.ReflectorStore.
func (f *nodeFeed) Replace(objects []any, _ string) error {
	all := make(map[string]*Node, len(objects))
	for _, object := range objects {
		node, err := strippedNode(object)
		if err != nil {
			return err
		}
		all[node.Name] = node
	}
	for _, node := range slices.Collect(f.nodes.All()) {
		if all[node.Name] == nil {
			f.remove(node.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f.set(all[name])
	}
	f.once.Do(func() { close(f.synced) })
	return nil
}

// Resync implements cache.ReflectorStore. There is nothing to do.
func (f *nodeFeed) Resync() error { return nil }
