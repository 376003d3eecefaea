package cluster

import (
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// watched returns a function that waits until objects of a resource are watched. The fake client has no resource versions: a change between the list and
// the watch is in neither, where an API server has it in the watch.
func watched(t *testing.T, client *fake.Clientset, resource string) (await func()) {
	t.Helper()
	begun, once := make(chan struct{}), sync.Once{}
	client.PrependWatchReactor(resource, func(a clienttesting.Action) (bool, watch.Interface, error) {
		var options metav1.ListOptions
		if w, ok := a.(clienttesting.WatchActionImpl); ok {
			options = w.ListOptions
		}
		w, err := client.Tracker().Watch(a.GetResource(), a.GetNamespace(), options)
		if err == nil {
			once.Do(func() { close(begun) })
		}
		return true, w, err
	})
	return func() {
		t.Helper()
		select {
		case <-begun:
		case <-time.After(time.Minute):
			t.Fatalf("waited in vain for the watch of %s", resource)
		}
	}
}
