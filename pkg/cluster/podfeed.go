package cluster

import (
	"context"
	"fmt"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// podFeed keeps Pods as the API server has them. Pods are stripped as they arrive, one by one: a cluster's first list needs no memory
// for complete pods, and neither do the changes that follow.
type podFeed struct {
	pods *Pods
	// synced is closed once all pods that there were at the start are known.
	synced chan struct{}
	once   sync.Once
}

var _ cache.ReflectorStore = &podFeed{}

func newPodFeed() *podFeed {
	return &podFeed{pods: newPods(), synced: make(chan struct{})}
}

// newReflector returns what feeds the pods.
func (f *podFeed) newReflector(client kubernetes.Interface) *cache.Reflector {
	lister := &podLister{client: client}
	list := listsFirst{&cache.ListWatch{
		ListWithContextFunc: lister.list,
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			return client.CoreV1().Pods(metav1.NamespaceAll).Watch(ctx, o)
		},
	}}
	return cache.NewReflectorWithOptions(list, &corev1.Pod{}, f, cache.ReflectorOptions{Name: "pods"})
}

// listsFirst has the library begin with a list, and not with a watch that brings what there is: see podLister.list.
type listsFirst struct{ *cache.ListWatch }

// IsWatchListSemanticsUnSupported is what the library asks.
func (listsFirst) IsWatchListSemanticsUnSupported() bool { return true }

// stripped accepts pods that were stripped before.
func stripped(object any) (*Pod, error) {
	switch p := object.(type) {
	case *corev1.Pod:
		return Strip(p), nil
	case *Pod:
		return p, nil
	case listed:
		return p.Pod, nil
	default:
		return nil, fmt.Errorf("the API server sent a %T in place of a pod", object)
	}
}

// Add implements cache.ReflectorStore.
func (f *podFeed) Add(object any) error { return f.Update(object) }

// Update implements cache.ReflectorStore.
func (f *podFeed) Update(object any) error {
	pod, err := stripped(object)
	if err != nil {
		return err
	}
	f.pods.mu.Lock()
	defer f.pods.mu.Unlock()
	f.pods.put(pod)
	return nil
}

// Delete implements cache.ReflectorStore.
func (f *podFeed) Delete(object any) error {
	pod, err := stripped(object)
	if err != nil {
		return err
	}
	f.pods.mu.Lock()
	defer f.pods.mu.Unlock()
	f.pods.remove(pod.Namespace, pod.Name)
	return nil
}

// Replace takes over all pods that there are, and drops the others. It implements cache.ReflectorStore.
func (f *podFeed) Replace(objects []any, _ string) error {
	all := make([]*Pod, len(objects))
	for i, object := range objects {
		pod, err := stripped(object)
		if err != nil {
			return err
		}
		all[i] = pod
	}
	f.pods.replace(all)
	f.once.Do(func() { close(f.synced) })
	return nil
}

// Resync implements cache.ReflectorStore. There is nothing to do.
func (f *podFeed) Resync() error { return nil }
