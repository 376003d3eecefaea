package store

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// observed is an env with an observer that has received its first batch.
func observed(t *testing.T, age time.Duration, capacity int) (*env, *usage.Observer) {
	b := newEnv(t, age)
	o := b.store.Observe(capacity)
	t.Cleanup(o.Close)
	if first := receive(t, o); !first.Resync || len(first.Events) > 0 {
		t.Fatalf("the first batch is %+v, want nothing but a resync", first)
	}
	return b, o
}

// receive returns the next batch.
func receive(t *testing.T, o *usage.Observer) usage.Batch {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := o.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// poll returns the batch that is waiting; an empty one where none is.
func poll(t *testing.T, o *usage.Observer) usage.Batch {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b, _ := o.Receive(ctx)
	return b
}

// received returns the events that are waiting, in a line each.
func received(t *testing.T, o *usage.Observer) []string { return summaries(poll(t, o)) }

// summaryOf is an event in a line.
func summaryOf(e usage.Event) string {
	kind := map[usage.EventType]string{usage.Published: "published", usage.Expired: "expired", usage.Deleted: "deleted"}[e.Type]
	name := e.Key.Name
	if e.Key.Namespace != "" {
		name = e.Key.Namespace + "/" + name
	}
	return fmt.Sprintf("%s %s %s", kind, name, e.Key.UID)
}

func summaries(b usage.Batch) (all []string) {
	for _, e := range b.Events {
		all = append(all, summaryOf(e))
	}
	return all
}

func TestObserverReceivesWhatIsPublished(t *testing.T) {
	b, o := observed(t, maxAge, 10)
	b.run("n", "p", "u", "a", "idle")
	e := b.pods["ns/p"]
	e.Idle = []string{"idle"}
	b.pods["ns/p"] = e
	began := start.Add(-time.Hour)
	for i := range 2 {
		b.advance(15)
		a := b.use("a", 100+1.5*float64(i), 7)
		a.Start = began.UnixNano()
		n := &sample.Node{Usage: b.usage(200+3*float64(i), 9), Pods: pods(named("p", a))}
		b.store.Put(Identity{Name: "n", UID: "n1"}, n)
		if i == 0 {
			if events := received(t, o); len(events) > 0 {
				t.Errorf("received %v before there was usage", events)
			}
		}
	}
	got := receive(t, o)
	if diff := cmp.Diff([]string{"published n n1", "published ns/p u"}, summaries(got)); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	now := b.clock.Now().UnixNano()
	node, pod := got.Events[0], got.Events[1]
	if diff := cmp.Diff([]usage.Accepted{{CPU: 203e9, CPUTime: now, Memory: 9, MemoryTime: now}}, node.Accepted); diff != "" {
		t.Errorf("readings of the node (-want +got):\n%s", diff)
	}
	want := []usage.Accepted{{Start: began.UnixNano(), CPU: 101.5e9, CPUTime: now, Memory: 7, MemoryTime: now}, {}}
	if diff := cmp.Diff(want, pod.Accepted); diff != "" {
		t.Errorf("readings of the pod (-want +got):\n%s", diff)
	}
	if u, _ := b.node("n"); u != node.Node || u.ResourceVersion != node.ResourceVersion || node.Pod != nil {
		t.Errorf("the node's event has %+v, served is %+v", node, u)
	}
	if u, _ := b.pod("n", "ns", "p", "u"); u != pod.Pod || u.ResourceVersion != pod.ResourceVersion || pod.Node != nil {
		t.Errorf("the pod's event has %+v, served is %+v", pod, u)
	}
	if node.ResourceVersion >= pod.ResourceVersion || pod.ResourceVersion != b.store.Reader().ResourceVersion() {
		t.Errorf("versions %d, %d, then %d", node.ResourceVersion, pod.ResourceVersion, b.store.Reader().ResourceVersion())
	}
}

// TestAllHasWhatWasPublished has an observer that comes late, or has lost events, find what it did not receive, with the accepted readings.
func TestAllHasWhatWasPublished(t *testing.T) {
	b, early := observed(t, maxAge, 10)
	b.run("n", "p", "u", "a", "idle")
	e := b.pods["ns/p"]
	e.Idle = []string{"idle"}
	b.pods["ns/p"] = e
	for i := range 2 {
		b.advance(15)
		b.store.Put(Identity{Name: "n"}, &sample.Node{Usage: b.usage(200+float64(i), 9), Pods: pods(named("p", b.use("a", 100+float64(i), 7)))})
	}
	late := b.store.Observe(10)
	defer late.Close()
	byName := cmpopts.SortSlices(func(x, y usage.Event) bool { return x.Key.Name < y.Key.Name })
	sameNode := cmp.Comparer(func(x, y *usage.Node) bool { return x == y })
	samePod := cmp.Comparer(func(x, y *usage.Pod) bool { return x == y })
	if diff := cmp.Diff(receive(t, early).Events, slices.Collect(late.All()), byName, sameNode, samePod); diff != "" {
		t.Errorf("all that is served (-as received, +as found):\n%s", diff)
	}
	for range late.All() {
		break // The iteration may end early.
	}
}

// TestAllHasEachPodOnce has another node publish the usage of a pod before the first one has dropped it.
func TestAllHasEachPodOnce(t *testing.T) {
	b := running(t, maxAge)
	b.run("m", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		b.put("m", pods(named("p", b.use("a", float64(200+15*i), 8))))
	}
	o := b.store.Observe(10)
	defer o.Close()
	var got []string
	for e := range o.All() {
		if e.Pod != nil {
			got = append(got, summaryOf(e)+" on "+e.Pod.Node)
		}
	}
	if diff := cmp.Diff([]string{"published ns/p u on m"}, got); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}

// putPods has the node of running report these pods.
func (b *env) putPods(p ...sample.Pod) {
	b.store.Put(Identity{Name: "n", UID: "n1", Boot: "b1"}, &sample.Node{Pods: p})
}

func TestObserverReceivesWhatIsNoLongerServed(t *testing.T) {
	tests := []struct {
		name   string
		age    time.Duration
		change func(*env)
		want   []string
	}{
		{"the node is deleted", maxAge, func(b *env) { b.store.Delete("n") }, []string{"deleted n n1", "expired ns/p u"}},
		{"a scrape fails", maxAge, func(b *env) { b.store.Fail("n") }, nil},
		{"a scrape fails without a maximum age", 0, func(b *env) { b.store.Fail("n") }, []string{"expired n n1", "expired ns/p u"}},
		{"the node boots", maxAge, func(b *env) { b.putSelf(Identity{Name: "n", UID: "n1", Boot: "b2"}, 1) }, []string{"expired n n1", "expired ns/p u"}},
		{"the node is another", maxAge, func(b *env) { b.putSelf(Identity{Name: "n", UID: "n2", Boot: "b1"}, 1) }, []string{"deleted n n1", "expired ns/p u"}},
		{"the pod is deleted", maxAge, func(b *env) { delete(b.pods, "ns/p"); b.putPods() }, []string{"deleted ns/p u"}},
		{"the pod's object is deleted", maxAge, func(b *env) { delete(b.pods, "ns/p"); b.store.PodDeleted("n", "ns", "p", "u") }, []string{"deleted ns/p u"}},
		{"another pod of the name was deleted", maxAge, func(b *env) { b.store.PodDeleted("n", "ns", "p", "u0") }, nil},
		{"a pod of a node that is not known is deleted", maxAge, func(b *env) { b.store.PodDeleted("m", "ns", "p", "u") }, nil},
		{"the pod's object is deleted, and then the kubelet has no pod", maxAge, func(b *env) {
			delete(b.pods, "ns/p")
			b.store.PodDeleted("n", "ns", "p", "u")
			b.putPods(named("p", b.use("a", 103, 7)))
			b.putPods()
		}, []string{"deleted ns/p u"}},
		{"the pod is another", maxAge, func(b *env) { b.run("n", "p", "u2", "a"); b.putPods(named("p", b.use("a", 1, 1))) }, []string{"deleted ns/p u"}},
		{"a container has started", maxAge, func(b *env) { b.run("n", "p", "u", "a", "b"); b.putPods(named("p", b.use("a", 103, 7))) }, []string{"expired ns/p u"}},
		{"the pod is not reported", maxAge, func(b *env) { b.putPods() }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := running(t, tt.age)
			o := b.store.Observe(10)
			defer o.Close()
			receive(t, o)
			b.advance(15)
			tt.change(b)
			batch := poll(t, o)
			for i, e := range batch.Events {
				if e.Node != nil || e.Pod != nil || e.Accepted != nil || i > 0 && e.ResourceVersion <= batch.Events[i-1].ResourceVersion {
					t.Errorf("event %+v", e)
				}
			}
			if diff := cmp.Diff(tt.want, summaries(batch)); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUsageThatReturnsHasANewVersion has the same readings be published, expire, and be published again.
func TestUsageThatReturnsHasANewVersion(t *testing.T) {
	b, o := observed(t, 0, 10)
	b.run("n", "p", "u", "a")
	put := func(cpu float64) { b.putSelf(Identity{Name: "n"}, cpu) }
	put(100)
	b.advance(15)
	response := b.sampleOf(101)
	b.store.Put(Identity{Name: "n"}, &response)
	b.store.Fail("n")
	b.store.Put(Identity{Name: "n"}, &response)
	batch := receive(t, o)
	want := []string{"published n ", "published ns/p u", "expired n ", "expired ns/p u", "published n ", "published ns/p u"}
	if diff := cmp.Diff(want, summaries(batch)); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	if served, _ := b.pod("n", "ns", "p", "u"); served.ResourceVersion != batch.Events[5].ResourceVersion || served.ResourceVersion <= batch.Events[3].ResourceVersion {
		t.Errorf("served with version %d after %d", served.ResourceVersion, batch.Events[3].ResourceVersion)
	}
}

// TestASlowObserverDelaysNothing has one observer receive nothing. No put waits for it, and another one receives everything.
func TestASlowObserverDelaysNothing(t *testing.T) {
	b, slow := observed(t, maxAge, 3)
	quick := b.store.Observe(100)
	defer quick.Close()
	receive(t, quick)
	b.run("n", "p", "u", "a")
	const puts = 6
	for i := range puts + 1 { // The first gives no rate yet.
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i), 7))))
	}
	if batch := receive(t, slow); !batch.Resync || slow.Dropped() != puts {
		t.Errorf("the slow observer received %+v and lost %d events", batch, slow.Dropped())
	}
	if batch := receive(t, quick); batch.Resync || len(batch.Events) != puts || quick.Dropped() != 0 {
		t.Errorf("the other observer received %d events of %d", len(batch.Events), puts)
	}
}

func TestClosedObserverReceivesNothing(t *testing.T) {
	b, o := observed(t, maxAge, 10)
	b.run("n", "p", "u", "a")
	o.Close()
	for i := range 3 {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(i), 7))))
	}
	if events := received(t, o); len(events) > 0 {
		t.Errorf("a closed observer received %v", events)
	}
}
