package app

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// idleCollector collects nothing.
type idleCollector struct{ Collector }

func (idleCollector) AwaitInitial(context.Context) {}
func (idleCollector) Progress() progress.Counts    { return progress.New(0) }

// TestObserverIsNotifiedOfADeletedPod has a pod be deleted whose node is not scraped any more.
func TestObserverIsNotifiedOfADeletedPod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(&corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p", UID: "u"},
			Spec:       corev1.PodSpec{NodeName: "n", Containers: []corev1.Container{{Name: "a"}}},
			Status:     corev1.PodStatus{Phase: corev1.PodRunning},
		})
		stack, err := NewClusterStack(StackConfig{
			Client: client, Nodes: labels.Everything(), Staleness: usage.Staleness{MaxAge: time.Minute, Resolution: 15 * time.Second},
			NewCollector: func(*cluster.Cluster, *store.Store) (Collector, error) { return idleCollector{}, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- stack.cluster.Start(ctx) }()
		synctest.Wait()
		for i := range uint64(2) {
			time.Sleep(15 * time.Second)
			now := time.Now().UnixNano()
			stack.store.Put(store.Identity{Name: "n"}, &sample.Node{Pods: []sample.Pod{{Namespace: "ns", Name: "p", Containers: []sample.Container{{
				Name: "a", Usage: sample.Usage{
					CPU: sample.Reading{Known: true, Time: now, Value: 1e9 * (i + 1)}, Memory: sample.Reading{Known: true, Time: now, Value: 1},
				},
			}}}}})
		}
		o := stack.store.Observe(10)
		defer o.Close()
		if first, err := o.Receive(ctx); err != nil || !first.Resync {
			t.Fatalf("the first batch is %+v, %v", first, err)
		}
		if err := client.CoreV1().Pods("ns").Delete(ctx, "p", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
		b, err := o.Receive(ctx)
		want := usage.Key{Namespace: "ns", Name: "p", UID: "u"}
		if err != nil || len(b.Events) != 1 || b.Events[0].Type != usage.Deleted || b.Events[0].Key != want {
			t.Errorf("received %+v, %v, want the deletion of %v", b, err, want)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
