package cluster

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// nodeListWatch lists and watches the nodes that the selector matches.
func nodeListWatch(client kubernetes.Interface, selector labels.Selector) cache.ListerWatcher {
	api := client.CoreV1().Nodes()
	return cache.ToListWatcherWithWatchListSemantics(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.LabelSelector = selector.String()
			return api.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.LabelSelector = selector.String()
			return api.Watch(ctx, o)
		},
	}, client)
}

// podListWatch lists and watches all pods.
func podListWatch(client kubernetes.Interface, options Options) cache.ListerWatcher {
	lister := &podLister{client: client, options: options}
	return listsFirst{&cache.ListWatch{
		ListWithContextFunc: lister.list,
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return client.CoreV1().Pods(metav1.NamespaceAll).Watch(ctx, o)
		},
	}}
}

// listsFirst has the library begin with a list, and not with a watch whose first events are all objects: see podLister.list.
type listsFirst struct{ *cache.ListWatch }

// IsWatchListSemanticsUnSupported is the method by which the library finds that out.
func (listsFirst) IsWatchListSemanticsUnSupported() bool { return true }
