package cluster

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

const nodeIndex = "node"

// Pods are the pods of a cluster, stripped. They are shared by their readers and never changed.
type Pods struct{ indexer cache.Indexer }

func newPods(client kubernetes.Interface) (*Pods, cache.Controller) {
	api := client.CoreV1().Pods(metav1.NamespaceAll)
	list := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			return api.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return api.Watch(ctx, o)
		},
	}
	indexer, controller := cache.NewInformerWithOptions(cache.InformerOptions{
		ListerWatcher: cache.ToListWatcherWithWatchListSemantics(list, client),
		ObjectType:    &corev1.Pod{},
		Handler:       cache.ResourceEventHandlerFuncs{},
		Indexers:      cache.Indexers{cache.NamespaceIndex: byNamespace, nodeIndex: byNode},
		Transform:     stripPod,
	})
	return &Pods{indexer: indexer.(cache.Indexer)}, controller
}

func byNamespace(object any) ([]string, error) {
	if p, ok := object.(*Pod); ok {
		return []string{p.Namespace}, nil
	}
	return nil, nil
}

// byNode leaves out pods that do not run: the index answers what should be seen on a node.
func byNode(object any) ([]string, error) {
	if p, ok := object.(*Pod); ok && p.Phase == corev1.PodRunning && len(p.Expected) > len(p.Idle) {
		return []string{p.Node}, nil
	}
	return nil, nil
}

// Get returns a pod by name.
func (p *Pods) Get(namespace, name string) (*Pod, bool) {
	object, exists, err := p.indexer.GetByKey(cache.NewObjectName(namespace, name).String())
	if err != nil || !exists {
		return nil, false
	}
	pod, ok := object.(*Pod)
	return pod, ok
}

// List returns the pods of a namespace, or of all where it is empty, in no order. The slice is the caller's.
func (p *Pods) List(namespace string) []*Pod {
	if namespace == metav1.NamespaceAll {
		return convert[Pod](p.indexer.List())
	}
	objects, err := p.indexer.ByIndex(cache.NamespaceIndex, namespace)
	if err != nil {
		return nil
	}
	return convert[Pod](objects)
}

// Running is true where a pod that should have numbers is bound to the node.
func (p *Pods) Running(node string) bool {
	keys, err := p.indexer.IndexKeys(nodeIndex, node)
	return err == nil && len(keys) > 0
}
