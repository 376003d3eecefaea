package store

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// replica keeps what is served as an observer sees it, by the rules of [usage.Batch].
type replica struct {
	t        *testing.T
	observer *usage.Observer
	versions map[usage.Key]uint64
	served   map[usage.Key]bool
	last     uint64
	// resyncs and events count what was received.
	resyncs, events int
}

func (r *replica) apply(batch usage.Batch) {
	if batch.Resync {
		r.resyncs++
		r.served = map[usage.Key]bool{}
		for e := range r.observer.All() {
			r.served[e.Key], r.versions[e.Key] = true, e.ResourceVersion
		}
	}
	for _, e := range batch.Events {
		r.events++
		if e.ResourceVersion <= r.last {
			r.t.Errorf("version %d of %v after %d", e.ResourceVersion, e.Key, r.last)
		}
		r.last = e.ResourceVersion
		if e.ResourceVersion <= r.versions[e.Key] {
			continue
		}
		r.versions[e.Key], r.served[e.Key] = e.ResourceVersion, e.Type == usage.Published
	}
}

// follow applies all batches up to the end of ctx.
func (r *replica) follow(ctx context.Context) {
	for {
		batch, err := r.observer.Receive(ctx)
		if err != nil {
			return
		}
		r.apply(batch)
	}
}

// churn are nodes that put, fail and are deleted at the same time, each with one pod.
type churn struct {
	*env
	// nodes are the names of the nodes by the keys of what they publish.
	nodes map[usage.Key]string
}

func newChurn(t *testing.T, nodes int) *churn {
	c := &churn{env: newEnv(t, 0), nodes: map[usage.Key]string{}}
	for i := range nodes {
		name := fmt.Sprintf("n%d", i)
		c.run(name, "p"+name, "u", "a")
		c.nodeCell(name)
		c.pods.cell("ns", "p"+name, "u")
		c.nodes[usage.Key{Namespace: "ns", Name: "p" + name, UID: "u"}] = name
		c.nodes[usage.Key{Name: name}] = name
	}
	return c
}

// put is one response of a node, after which the node may fail or be deleted.
func (c *churn) put(name string, number int) {
	at := start.Add(time.Duration(15*number) * time.Second)
	n := &sample.Node{Usage: usageAt(at, float64(number), 9), Pods: pods(named("p"+name, containerOf("a", usageAt(at, float64(number), 7))))}
	c.store.Put(Identity{Name: name, CPU: 1e12}, n)
	switch {
	case number%17 == 16:
		c.store.Delete(name)
	case number%7 == 6:
		c.store.Fail(name)
	}
}

// served are the versions of what readers see.
func (c *churn) served() map[usage.Key]uint64 {
	all := map[usage.Key]uint64{}
	for key, node := range c.nodes {
		if u, ok := c.pod(node, key.Namespace, key.Name, key.UID); key.Namespace != "" && ok {
			all[key] = u.ResourceVersion
		}
		if u, ok := c.node(key.Name); key.Namespace == "" && ok {
			all[key] = u.ResourceVersion
		}
	}
	return all
}

// TestObserverKeepsUpWithConcurrentPuts has an observer with a short queue follow many nodes. It loses events at first, while it does not receive,
// and perhaps later, and none while one node alone puts. In the end it has what is served, with the same versions.
func TestObserverKeepsUpWithConcurrentPuts(t *testing.T) {
	const nodes, puts, putsWithoutReceiver, capacity = 8, 60, 10, 5
	c := newChurn(t, nodes)
	r := &replica{t: t, observer: c.store.Observe(capacity), versions: map[usage.Key]uint64{}}
	defer r.observer.Close()
	r.apply(receive(t, r.observer))
	var blind, writers sync.WaitGroup
	blind.Add(nodes)
	for i := range nodes {
		writers.Go(func() {
			for j := range puts {
				if j == putsWithoutReceiver {
					blind.Done()
				}
				c.put(fmt.Sprintf("n%d", i), j)
			}
		})
	}
	blind.Wait()
	if r.observer.Dropped() == 0 {
		t.Error("no event was lost from a queue that was too short")
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { writers.Wait(); cancel() }()
	r.follow(ctx)
	for i := range 3 {
		c.put("n0", puts+i)
		r.apply(poll(t, r.observer))
	}
	if r.resyncs < 2 || r.events == 0 {
		t.Errorf("received %d resyncs and %d events, want some of both", r.resyncs, r.events)
	}
	want := c.served()
	for key := range c.nodes {
		version, served := want[key]
		if r.served[key] != served || served && r.versions[key] != version {
			t.Errorf("%v: observed %t with version %d, served %t with %d", key, r.served[key], r.versions[key], served, version)
		}
	}
}
