package store

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// expiryEnv is a store on the clock of a bubble, whose Start runs.
type expiryEnv struct {
	*objects
	t     *testing.T
	store *Store
}

// inBubble runs a test with a store that is started, and an observer that has listed.
func inBubble(t *testing.T, age time.Duration, test func(t *testing.T, b *expiryEnv, o *Observer)) {
	synctest.Test(t, func(t *testing.T) {
		b := &expiryEnv{t: t, objects: &objects{podSet: podSet{}, nodes: map[string]*usage.NodeCell{}}}
		b.store = New(b.objects, usage.Staleness{MaxAge: age, Resolution: 15 * time.Second}, clock.RealClock{})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- b.store.Start(ctx) }()
		o := b.store.Observe(100)
		receive(t, o)
		test(t, b, o)
		o.Close()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// put has a node report itself and a pod of its own, at the times that the readings have.
func (b *expiryEnv) put(node string, readings time.Time, cpu float64) {
	b.podSet["ns/p-"+node] = Expected{Node: node, UID: "u", Containers: []string{"a"}}
	u := usageAt(readings, cpu, 7)
	b.store.Put(Identity{Name: node}, &sample.Node{Usage: u, Pods: pods(named("p-"+node, containerOf("a", u)))})
}

// publish has a node get usage that is confirmed now, and leaves nothing in the queue.
func (b *expiryEnv) publish(node string, o *Observer) {
	b.put(node, time.Now(), 100)
	time.Sleep(15 * time.Second)
	b.put(node, time.Now(), 101)
	synctest.Wait()
	receive(b.t, o)
}

// isServed tells whether the pod of a node is served, as a reader sees it.
func (b *expiryEnv) isServed(node string) bool {
	_, ok := b.store.Reader().Pod(b.podSet.cell("ns", "p-"+node, "u"), node)
	return ok
}

func TestUsageExpiresByATimer(t *testing.T) {
	inBubble(t, maxAge, func(t *testing.T, b *expiryEnv, o *Observer) {
		b.publish("n", o)
		time.Sleep(maxAge)
		synctest.Wait()
		if !isQuiet(o) || !b.isServed("n") {
			t.Errorf("at the maximum age: an event %t, served %t", !isQuiet(o), b.isServed("n"))
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if isQuiet(o) || b.isServed("n") {
			t.Fatalf("after the maximum age: an event %t, served %t", !isQuiet(o), b.isServed("n"))
		}
		if diff := cmp.Diff([]string{"expired n ", "expired ns/p-n u"}, summaries(receive(t, o))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// TestEachUsageExpiresInItsTime has several nodes, of which one is confirmed again and again, one stands still, and one fails.
func TestEachUsageExpiresInItsTime(t *testing.T) {
	inBubble(t, maxAge, func(t *testing.T, b *expiryEnv, o *Observer) {
		for _, node := range []string{"healthy", "still", "failed"} {
			b.publish(node, o)
		}
		stillSince := time.Now().Add(-15 * time.Second)
		var got []string
		for i := range 12 {
			time.Sleep(15 * time.Second)
			b.put("healthy", time.Now(), 102+float64(i))
			b.put("still", stillSince, 101)
			synctest.Wait()
			if isQuiet(o) {
				continue
			}
			for _, e := range receive(t, o).Events {
				if e.Type != Published && e.Key.Namespace != "" {
					got = append(got, time.Duration(15*(i+1)*1e9).String()+" "+summaryOf(e))
				}
			}
		}
		// The clock of "failed" begins with its last put; that of "still" with its last reading that was new.
		want := []string{"1m15s expired ns/p-failed u", "2m0s expired ns/p-still u"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if !b.isServed("healthy") || b.isServed("still") || b.isServed("failed") {
			t.Errorf("served: healthy %t, still %t, failed %t", b.isServed("healthy"), b.isServed("still"), b.isServed("failed"))
		}
	})
}

// TestWhatWasPublishedBeforeAnObserverExpires registers the observer late.
func TestWhatWasPublishedBeforeAnObserverExpires(t *testing.T) {
	inBubble(t, maxAge, func(t *testing.T, b *expiryEnv, first *Observer) {
		b.publish("n", first)
		first.Close()
		time.Sleep(30 * time.Second)
		o := b.store.Observe(10)
		defer o.Close()
		receive(t, o)
		time.Sleep(maxAge)
		synctest.Wait()
		if diff := cmp.Diff([]string{"expired n ", "expired ns/p-n u"}, summaries(receive(t, o))); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestNothingExpiresWithoutAMaximumAge(t *testing.T) {
	inBubble(t, 0, func(t *testing.T, b *expiryEnv, o *Observer) {
		b.publish("n", o)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if !isQuiet(o) || !b.isServed("n") {
			t.Errorf("an event %t, served %t", !isQuiet(o), b.isServed("n"))
		}
	})
}

// TestExpiryIsNotScheduledWithoutObservers has a put pay nothing for it.
func TestExpiryIsNotScheduledWithoutObservers(t *testing.T) {
	b := running(t, maxAge)
	if n := len(b.store.expiries.nodes); n != 0 {
		t.Errorf("%d nodes are scheduled", n)
	}
}
