package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// observed is a env with an observer that has listed.
func observed(t *testing.T, age time.Duration, capacity int) (*env, *Observer) {
	b := newEnv(t, age)
	o := b.store.Observe(capacity)
	t.Cleanup(o.Close)
	if first := receive(t, o); !first.Resync || len(first.Events) > 0 {
		t.Fatalf("the first batch is %+v, want nothing but a resync", first)
	}
	return b, o
}

// receive returns the batch that is waiting.
func receive(t *testing.T, o *Observer) Batch {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := o.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// isQuiet is true where no batch is waiting.
func isQuiet(o *Observer) bool { return len(o.ready) == 0 }

// summaryOf is an event in a line.
func summaryOf(e Event) string {
	kind := map[EventType]string{Published: "published", Expired: "expired", Deleted: "deleted"}[e.Type]
	name := e.Key.Name
	if e.Key.Namespace != "" {
		name = e.Key.Namespace + "/" + name
	}
	return fmt.Sprintf("%s %s %s", kind, name, e.Key.UID)
}

func summaries(b Batch) (all []string) {
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
		if i == 0 && !isQuiet(o) {
			t.Errorf("received %v before there was usage", summaries(receive(t, o)))
		}
	}
	got := receive(t, o)
	if diff := cmp.Diff([]string{"published n n1", "published ns/p u"}, summaries(got)); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	now := b.clock.Now().UnixNano()
	node, pod := got.Events[0], got.Events[1]
	if diff := cmp.Diff([]Accepted{{CPU: 203e9, CPUTime: now, Memory: 9, MemoryTime: now}}, node.Accepted); diff != "" {
		t.Errorf("readings of the node (-want +got):\n%s", diff)
	}
	want := []Accepted{{Start: began.UnixNano(), CPU: 101.5e9, CPUTime: now, Memory: 7, MemoryTime: now}, {}}
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
			var got []string
			if !isQuiet(o) {
				batch := receive(t, o)
				got = summaries(batch)
				for i, e := range batch.Events {
					if e.Node != nil || e.Pod != nil || e.Accepted != nil || i > 0 && e.ResourceVersion <= batch.Events[i-1].ResourceVersion {
						t.Errorf("event %+v", e)
					}
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
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
	answer := b.answerOf(101)
	b.store.Put(Identity{Name: "n"}, &answer)
	b.store.Fail("n")
	b.store.Put(Identity{Name: "n"}, &answer)
	batch := receive(t, o)
	want := []string{"published n ", "published ns/p u", "expired n ", "expired ns/p u", "published n ", "published ns/p u"}
	if diff := cmp.Diff(want, summaries(batch)); diff != "" {
		t.Fatalf("events (-want +got):\n%s", diff)
	}
	if served, _ := b.pod("n", "ns", "p", "u"); served.ResourceVersion != batch.Events[5].ResourceVersion || served.ResourceVersion <= batch.Events[3].ResourceVersion {
		t.Errorf("served with version %d after %d", served.ResourceVersion, batch.Events[3].ResourceVersion)
	}
}

// TestSlowObserverLosesEventsAndListsAgain fills a queue that nothing receives from. No put waits.
func TestSlowObserverLosesEventsAndListsAgain(t *testing.T) {
	const capacity = 3
	b, slow := observed(t, maxAge, capacity)
	quick := b.store.Observe(100)
	defer quick.Close()
	receive(t, quick)
	b.run("n", "p", "u", "a")
	published := 0
	put := func() {
		b.advance(15)
		b.put("n", pods(named("p", b.use("a", 100+float64(published), 7))))
		published++
	}
	put() // It has no rate yet.
	for range capacity {
		put()
	}
	if got := slow.Dropped(); got != 0 {
		t.Errorf("%d events are lost in a queue that has room for them", got)
	}
	put()
	put()
	if got := slow.Dropped(); got != capacity+2 {
		t.Errorf("%d events are lost, want %d", got, capacity+2)
	}
	if batch := receive(t, slow); !batch.Resync || len(batch.Events) > 0 {
		t.Errorf("received %+v, want nothing but a resync", batch)
	}
	put()
	if batch := receive(t, slow); batch.Resync || len(batch.Events) != 1 {
		t.Errorf("received %+v after the resync, want one event", batch)
	}
	if batch := receive(t, quick); batch.Resync || len(batch.Events) != published-1 || quick.Dropped() != 0 {
		t.Errorf("another observer received %d events of %d", len(batch.Events), published-1)
	}
}

func TestReceiveEndsWithItsContext(t *testing.T) {
	_, o := observed(t, maxAge, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := o.Receive(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Receive gave %v", err)
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
	if !isQuiet(o) || b.store.publisher.isObserved() {
		t.Error("a closed observer is notified")
	}
}

// replica keeps what is served as an observer sees it, by the rules of [Batch].
type replica struct {
	t        *testing.T
	versions map[Key]uint64
	served   map[Key]bool
	last     uint64
}

func (r *replica) apply(batch Batch, list func() map[Key]uint64) {
	if batch.Resync {
		r.served = map[Key]bool{}
		for key, version := range list() {
			r.served[key], r.versions[key] = true, version
		}
	}
	for _, e := range batch.Events {
		if e.ResourceVersion <= r.last {
			r.t.Errorf("version %d of %v after %d", e.ResourceVersion, e.Key, r.last)
		}
		r.last = e.ResourceVersion
		if e.ResourceVersion <= r.versions[e.Key] {
			continue
		}
		r.versions[e.Key], r.served[e.Key] = e.ResourceVersion, e.Type == Published
	}
}

// TestObserverKeepsUpWithConcurrentPuts has many nodes put, fail and be deleted at the same time, while an observer with a short queue
// follows, which loses events now and then. In the end it has what is served, with the same versions.
func TestObserverKeepsUpWithConcurrentPuts(t *testing.T) {
	const nodes, puts = 8, 60
	b := newEnv(t, 0)
	keys := map[Key]string{}
	for i := range nodes {
		name := fmt.Sprintf("n%d", i)
		b.run(name, "p"+name, "u", "a")
		b.nodeCell(name)
		b.pods.cell("ns", "p"+name, "u")
		keys[Key{Namespace: "ns", Name: "p" + name, UID: "u"}] = name
		keys[Key{Name: name}] = name
	}
	list := func() map[Key]uint64 {
		all := map[Key]uint64{}
		for key, node := range keys {
			if u, ok := b.pod(node, key.Namespace, key.Name, key.UID); key.Namespace != "" && ok {
				all[key] = u.ResourceVersion
			}
			if u, ok := b.node(key.Name); key.Namespace == "" && ok {
				all[key] = u.ResourceVersion
			}
		}
		return all
	}
	o := b.store.Observe(5)
	defer o.Close()
	var writers sync.WaitGroup
	for i := range nodes {
		writers.Go(func() {
			name := fmt.Sprintf("n%d", i)
			for j := range puts {
				at := start.Add(time.Duration(15*j) * time.Second)
				n := &sample.Node{Usage: usageAt(at, float64(j), 9), Pods: pods(named("p"+name, containerOf("a", usageAt(at, float64(j), 7))))}
				b.store.Put(Identity{Name: name, CPU: 1e12}, n)
				switch {
				case j%17 == 16:
					b.store.Delete(name)
				case j%7 == 6:
					b.store.Fail(name)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	r := &replica{t: t, versions: map[Key]uint64{}, served: map[Key]bool{}}
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		case <-o.ready:
			o.wake()
			r.apply(receive(t, o), list)
		}
	}
	for !isQuiet(o) {
		r.apply(receive(t, o), list)
	}
	want := list()
	for key := range keys {
		version, served := want[key]
		if r.served[key] != served || served && r.versions[key] != version {
			t.Errorf("%v: observed %t with version %d, served %t with %d", key, r.served[key], r.versions[key], served, version)
		}
	}
}
