package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// running is an env in which node n and pod p have usage.
func running(t *testing.T, age time.Duration) *env {
	b := newEnv(t, age)
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		b.putSelf(Identity{Name: "n", UID: "n1", Boot: "b1"}, 100+float64(i)*1.5)
	}
	if pod, node := b.served(); !pod || !node {
		t.Fatalf("served after two scrapes: pod %t, node %t", pod, node)
	}
	return b
}

// putSelf puts a node's own usage and that of pod p.
func (b *env) putSelf(id Identity, cpu float64) {
	response := b.sampleOf(cpu)
	b.store.Put(id, &response)
}

// sampleOf is a response with the node and pod p.
func (b *env) sampleOf(cpu float64) sample.Node {
	return sample.Node{Usage: b.usage(cpu, 9), Pods: pods(named("p", b.use("a", cpu, 7)))}
}

// served returns whether pod p and node n have usage.
func (b *env) served() (pod, node bool) {
	_, pod = b.pod("n", "ns", "p", "u")
	_, node = b.node("n")
	return pod, node
}

func TestUsageIsUnpublished(t *testing.T) {
	tests := []struct {
		name   string
		age    time.Duration
		event  func(*env)
		served bool
	}{
		{"the node is deleted", maxAge, func(b *env) { b.store.Delete("n") }, false},
		{"another node is deleted", maxAge, func(b *env) { b.store.Delete("m") }, true},
		{"a scrape fails", maxAge, func(b *env) { b.store.Fail("n") }, true},
		{"a scrape fails without a maximum age", 0, func(b *env) { b.store.Fail("n") }, false},
		{"a scrape of another node fails without a maximum age", 0, func(b *env) { b.store.Fail("m") }, true},
		{"the node boots", maxAge, func(b *env) { b.putSelf(Identity{Name: "n", UID: "n1", Boot: "b2"}, 1) }, false},
		{"the node is another", maxAge, func(b *env) { b.putSelf(Identity{Name: "n", UID: "n2", Boot: "b1"}, 1) }, false},
		{"the node is scraped again", maxAge, func(b *env) { b.putSelf(Identity{Name: "n", UID: "n1", Boot: "b1"}, 103) }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := running(t, tt.age)
			b.advance(15)
			podSlot, nodeSlot := b.pods.cell("ns", "p", "u"), b.nodeCell("n")
			tt.event(b)
			_, pod := b.store.Reader().Pod(podSlot, "n")
			_, node := b.store.Reader().Node(nodeSlot)
			if diff := cmp.Diff([]bool{tt.served, tt.served}, []bool{pod, node}); diff != "" {
				t.Errorf("pod and node in their slots (-want +got):\n%s", diff)
			}
			pod, node = b.served()
			if diff := cmp.Diff([]bool{tt.served, tt.served}, []bool{pod, node}); diff != "" {
				t.Errorf("pod and node from the store (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUsageReturns wants usage to be served again once it is known again, in the same cells.
func TestUsageReturns(t *testing.T) {
	b := running(t, 0)
	podSlot, nodeSlot := b.pods.cell("ns", "p", "u"), b.nodeCell("n")
	b.store.Fail("n")
	b.advance(15)
	b.putSelf(Identity{Name: "n", UID: "n1", Boot: "b1"}, 103)
	if pod, node := b.served(); !pod || !node || b.nodeCell("n") != nodeSlot || b.pods.cell("ns", "p", "u") != podSlot {
		t.Errorf("served after a failure and a scrape: pod %t, node %t", pod, node)
	}
}

// TestUsageOfAnotherNodeIsNotServed reads the pod on a node that it is not bound to.
func TestUsageOfAnotherNodeIsNotServed(t *testing.T) {
	b := running(t, maxAge)
	for _, node := range []string{"m", "", "N"} {
		if u, ok := b.pod(node, "ns", "p", "u"); ok {
			t.Errorf("node %q gives %v", node, u)
		}
	}
	if u, ok := b.pod("n", "ns", "p", "another UID"); ok {
		t.Errorf("another pod of the name has %v", u)
	}
	if u, ok := b.store.Reader().Pod(nil, "n"); ok {
		t.Errorf("a pod without a slot has %v", u)
	}
}

// TestNodeUnpublishesNothingOfAnother has a pod be bound to another node, whose usage stays when the first node drops the pod.
func TestNodeUnpublishesNothingOfAnother(t *testing.T) {
	for name, forget := range map[string]func(*env){
		"it names the pod no longer": func(b *env) { b.put("n", nil) },
		"it is deleted":              func(b *env) { b.store.Delete("n") },
	} {
		t.Run(name, func(t *testing.T) {
			b := running(t, maxAge)
			b.run("m", "p", "u", "a")
			for i := range 2 {
				b.advance(15)
				b.put("m", pods(named("p", b.use("a", float64(200+15*i), 8))))
			}
			forget(b)
			u, ok := b.pod("m", "ns", "p", "u")
			if !ok || u.Node != "m" || u.Containers[0].Memory != 8 {
				t.Errorf("the pod has %v, %t", u, ok)
			}
		})
	}
}
