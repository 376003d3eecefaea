package store

import (
	"context"
	"slices"
	"strings"
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

// inBubble runs a test with a store that is started, and an observer that has received its first batch.
func inBubble(t *testing.T, age time.Duration, test func(t *testing.T, b *expiryEnv, o *usage.Observer)) {
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

// publish has a node get usage that is confirmed now, and receives the events.
func (b *expiryEnv) publish(node string, o *usage.Observer) {
	b.put(node, time.Now(), 100)
	time.Sleep(15 * time.Second)
	b.put(node, time.Now(), 101)
	synctest.Wait()
	receive(b.t, o)
}

// isServed is true where the pod of a node is served to readers.
func (b *expiryEnv) isServed(node string) bool {
	_, ok := b.store.Reader().Pod(b.podSet.cell("ns", "p-"+node, "u"), node)
	return ok
}

// TestUsageExpiresByATimer has readers see the expiry at once, and observers within expiryPeriod.
func TestUsageExpiresByATimer(t *testing.T) {
	inBubble(t, maxAge, func(t *testing.T, b *expiryEnv, o *usage.Observer) {
		b.publish("n", o)
		time.Sleep(maxAge)
		synctest.Wait()
		if events := received(t, o); len(events) > 0 || !b.isServed("n") {
			t.Errorf("at the maximum age: events %v, served %t", events, b.isServed("n"))
		}
		time.Sleep(time.Nanosecond)
		if b.isServed("n") {
			t.Error("served after the maximum age")
		}
		time.Sleep(expiryPeriod)
		synctest.Wait()
		if diff := cmp.Diff([]string{"expired n ", "expired ns/p-n u"}, received(t, o)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

// TestEachUsageExpiresInItsTime has several nodes, of which one is confirmed again and again, one stands still, and one fails.
func TestEachUsageExpiresInItsTime(t *testing.T) {
	inBubble(t, maxAge, func(t *testing.T, b *expiryEnv, o *usage.Observer) {
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
			for _, e := range received(t, o) {
				if strings.HasPrefix(e, "expired ns/") {
					got = append(got, time.Duration(15*(i+1)*1e9).String()+" "+e)
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

// TestUsageExpiresWithoutAnObserver has the memory be freed all the same, and an observer that is registered later find nothing.
func TestUsageExpiresWithoutAnObserver(t *testing.T) {
	inBubble(t, maxAge, func(t *testing.T, b *expiryEnv, first *usage.Observer) {
		b.publish("n", first)
		first.Close()
		time.Sleep(maxAge + expiryPeriod)
		synctest.Wait()
		if u, _ := b.nodeCell("n").Load(); u != nil {
			t.Errorf("the cell still has %+v", u)
		}
		o := b.store.Observe(10)
		defer o.Close()
		if events := slices.Collect(o.All()); len(events) > 0 {
			t.Errorf("an observer finds %+v", events)
		}
	})
}

// TestUsageExpiresWhenTheClockIsSetForward has the wall clock show a later time than timers do.
func TestUsageExpiresWhenTheClockIsSetForward(t *testing.T) {
	b := running(t, maxAge)
	synctest.Test(t, func(t *testing.T) {
		b.store.clock = shiftedClock{ahead: time.Until(b.clock.Now()) + maxAge + time.Minute}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- b.store.Start(ctx) }()
		time.Sleep(expiryPeriod)
		synctest.Wait()
		if u, _ := b.nodeCell("n").Load(); u != nil {
			t.Errorf("the cell still has %+v", u)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// shiftedClock shows a time that is ahead of its timers.
type shiftedClock struct {
	clock.RealClock
	ahead time.Duration
}

func (c shiftedClock) Now() time.Time { return time.Now().Add(c.ahead) }

func TestNothingExpiresWithoutAMaximumAge(t *testing.T) {
	inBubble(t, 0, func(t *testing.T, b *expiryEnv, o *usage.Observer) {
		b.publish("n", o)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if events := received(t, o); len(events) > 0 || !b.isServed("n") {
			t.Errorf("events %v, served %t", events, b.isServed("n"))
		}
	})
}

// TestUsageOfACrashLoopReturnsAfterItExpired has scrapes be missed until the usage expires, and then find instances that are too young for a rate:
// the usage is overdue all the same.
func TestUsageOfACrashLoopReturnsAfterItExpired(t *testing.T) {
	inBubble(t, maxAge, func(t *testing.T, b *expiryEnv, _ *usage.Observer) {
		b.podSet["ns/p-n"] = Expected{Node: "n", UID: "u", Containers: []string{"a"}}
		put := func(age time.Duration, cpu float64) {
			c := containerOf("a", usageAt(time.Now(), cpu, 7))
			c.Start = time.Now().Add(-age).UnixNano()
			b.store.Put(Identity{Name: "n"}, &sample.Node{Pods: pods(named("p-n", c))})
		}
		put(time.Hour, 100)
		time.Sleep(15 * time.Second)
		put(time.Hour+15*time.Second, 101)
		time.Sleep(maxAge + expiryPeriod)
		synctest.Wait()
		if u, _ := b.podSet.cell("ns", "p-n", "u").Load(); u != nil {
			t.Fatalf("the cell still has %+v", u)
		}
		for i := range 3 {
			put(3*time.Second, 0.3-0.1*float64(i))
			time.Sleep(15 * time.Second)
		}
		if !b.isServed("n") {
			t.Error("the pod is not served")
		}
	})
}

// TestExtrasOfANodeThatFails has no scrape succeed any more: CPU and memory are served up to the maximum age, and extra resources of a further
// response no longer than their own rule says.
func TestExtrasOfANodeThatFails(t *testing.T) {
	const age = 10 * time.Minute
	for from, until := range map[sample.Endpoint]time.Duration{sample.Summary: 90 * time.Second, sample.FullSummary: 180 * time.Second} {
		inBubble(t, age, func(t *testing.T, b *expiryEnv, o *usage.Observer) {
			b.publish("n", o)
			x := sample.Usage{Extra: sample.ExtraReadings{{Resource: sample.CPUPressureSome10s, Reading: sample.Reading{Known: true, Value: 7}}}}
			b.store.PutExtra(Identity{Name: "n"}, from, &sample.Node{Usage: x, Pods: pods(named("p-n", containerOf("a", x)))}, time.Minute)
			served := func() (values int) {
				node, _ := b.store.Reader().Node(b.nodeCell("n"))
				pod, _ := b.store.Reader().Pod(b.podSet.cell("ns", "p-n", "u"), "n")
				return len(node.Extra) + len(pod.Containers[0].Extra)
			}
			time.Sleep(until - time.Nanosecond)
			synctest.Wait()
			if got := served(); got != 2 {
				t.Errorf("endpoint %d: %d values are served before %s, want that of the node and that of the pod", from, got, until)
			}
			received(t, o)
			time.Sleep(expiryPeriod)
			synctest.Wait()
			if got := served(); got != 0 {
				t.Errorf("endpoint %d: %d values are served after %s", from, got, until)
			}
			if diff := cmp.Diff([]string{"published n ", "published ns/p-n u"}, received(t, o)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			time.Sleep(age)
			synctest.Wait()
			if diff := cmp.Diff([]string{"expired n ", "expired ns/p-n u"}, received(t, o)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}
