package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestChangedObjectsHaveNewVersions has the objects of a node and its pod change after two scrapes, and the scrapes go on.
func TestChangedObjectsHaveNewVersions(t *testing.T) {
	b, o := observed(t, maxAge, 100)
	b.run("n", "p", "u", "a")
	scrape := func() {
		b.advance(15)
		at := b.clock.Since(start).Seconds()
		b.store.Put(Identity{Name: "n", UID: "n1"}, &sample.Node{Usage: b.usage(at, 9), Pods: pods(named("p", b.use("a", at, 7)))})
	}
	scrape()
	scrape()
	before, _ := b.pod("n", "ns", "p", "u")
	published := receive(t, o).Events
	for _, tt := range []struct {
		name   string
		change func()
		want   []string
	}{
		{"a pod", func() { b.store.PodChanged("n", "ns", "p", "u") }, []string{"published ns/p u"}},
		{"a node", func() { b.store.NodeChanged("n", "n1") }, []string{"published n n1"}},
		{"another pod of the name", func() { b.store.PodChanged("n", "ns", "p", "other") }, nil},
		{"a pod without usage", func() { b.store.PodChanged("n", "ns", "q", "u") }, nil},
		{"another node of the name", func() { b.store.NodeChanged("n", "other") }, nil},
		{"a pod of an unknown node", func() { b.store.PodChanged("m", "ns", "p", "u") }, nil},
		{"an unknown node", func() { b.store.NodeChanged("m", "n1") }, nil},
	} {
		version := b.store.Reader().ResourceVersion()
		tt.change()
		events := poll(t, o).Events
		if diff := cmp.Diff(tt.want, summaries(usage.Batch{Events: events})); diff != "" {
			t.Errorf("after a change of %s (-want +got):\n%s", tt.name, diff)
		}
		for _, e := range events {
			if e.ResourceVersion <= version || e.ResourceVersion != b.store.Reader().ResourceVersion() {
				t.Errorf("after a change of %s: version %d, before %d", tt.name, e.ResourceVersion, version)
			}
		}
	}
	after, _ := b.pod("n", "ns", "p", "u")
	if after == before || !after.Equal(before) || after.ResourceVersion <= before.ResourceVersion {
		t.Errorf("served is %+v, was %+v", after, before)
	}
	if node, ok := b.node("n"); !ok || !node.Equal(published[0].Node) || node.ResourceVersion <= published[0].Node.ResourceVersion {
		t.Errorf("served of the node is %+v, was %+v", node, published[0].Node)
	}
	scrape()
	if diff := cmp.Diff([]string{"published n n1", "published ns/p u"}, received(t, o)); diff != "" {
		t.Errorf("after another scrape (-want +got):\n%s", diff)
	}
	b.advance(61)
	b.store.PodChanged("n", "ns", "p", "u")
	if u, ok := b.pod("n", "ns", "p", "u"); ok {
		t.Errorf("usage that is too old is served again: %+v", u)
	}
	b.store.Delete("n")
	receive(t, o)
	b.store.PodChanged("n", "ns", "p", "u")
	b.store.NodeChanged("n", "n1")
	if events := received(t, o); len(events) > 0 {
		t.Errorf("after the end of the node: %v", events)
	}
}

// TestChangedObjectLeavesUsageOfAnotherNode that has published the same pod since.
func TestChangedObjectLeavesUsageOfAnotherNode(t *testing.T) {
	b := running(t, maxAge)
	b.run("m", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		b.put("m", pods(named("p", b.use("a", float64(200+15*i), 8))))
	}
	before, _ := b.pod("m", "ns", "p", "u")
	b.store.PodChanged("n", "ns", "p", "u")
	if after, ok := b.pod("m", "ns", "p", "u"); !ok || after != before {
		t.Errorf("served is %+v, was %+v", after, before)
	}
}
