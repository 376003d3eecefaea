package cluster

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// TestAPIServerThatReturnsIsFoundSoon has the API server be away for longer than any backoff takes to reach its maximum.
func TestAPIServerThatReturnsIsFoundSoon(t *testing.T) {
	// One of the library's handlers sleeps by the time of the process, which the bubble does not have.
	handlers := utilruntime.ErrorHandlers
	utilruntime.ErrorHandlers = nil
	t.Cleanup(func() { utilruntime.ErrorHandlers = handlers })
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(fullNode("n1", nil), fullPod("ns", "p", "n1"))
		var back atomic.Bool
		client.PrependReactor("list", "*", func(clienttesting.Action) (bool, runtime.Object, error) {
			return !back.Load(), nil, fmt.Errorf("dial tcp: %w", syscall.ECONNREFUSED)
		})
		c := New(client, labels.Everything(), &recorder{nodes: map[string]*Node{}}, Options{})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := c.Start(ctx); err != nil {
				t.Error(err)
			}
		})
		<-time.After(10 * time.Minute)
		back.Store(true)
		returned := time.Now()
		for !c.Synced() && time.Since(returned) < time.Minute {
			<-time.After(100 * time.Millisecond)
		}
		if took := time.Since(returned); took > 8*time.Second {
			t.Errorf("nodes and pods were known after %s", took)
		}
		cancel()
		running.Wait()
	})
}
