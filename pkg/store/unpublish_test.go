package store

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// running is a env in which node n has an answer of itself and of pod p.
func running(t *testing.T, age time.Duration) *env {
	b := newEnv(t, age)
	b.run("n", "p", "u", "a")
	for i := range 2 {
		b.advance(15)
		b.putSelf(Identity{Name: "n", UID: "n1", Boot: "b1"}, 100+float64(i)*1.5)
	}
	if pod, node := b.served(); !pod || !node {
		t.Fatalf("served after two looks: pod %t, node %t", pod, node)
	}
	return b
}

// putSelf has a node tell of itself and of pod p.
func (b *env) putSelf(id Identity, cpu float64) {
	answer := b.answerOf(cpu)
	b.store.Put(id, &answer)
}

// answerOf is an answer that tells of the node and of pod p.
func (b *env) answerOf(cpu float64) sample.Node {
	return sample.Node{Usage: b.usage(cpu, 9), Pods: pods(named("p", b.use("a", cpu, 7)))}
}

// served tells whether pod p and node n have answers.
func (b *env) served() (pod, node bool) {
	_, pod = b.pod("n", "ns", "p", "u")
	_, node = b.node("n")
	return pod, node
}

func TestAnswersAreWithdrawn(t *testing.T) {
	tests := []struct {
		name   string
		age    time.Duration
		event  func(*env)
		served bool
	}{
		{"the node is deleted", maxAge, func(b *env) { b.store.Delete("n") }, false},
		{"another node is deleted", maxAge, func(b *env) { b.store.Delete("m") }, true},
		{"a look fails", maxAge, func(b *env) { b.store.Fail("n") }, true},
		{"a look fails without a maximum age", 0, func(b *env) { b.store.Fail("n") }, false},
		{"a look at another node fails without a maximum age", 0, func(b *env) { b.store.Fail("m") }, true},
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

// TestAnswersReturn has numbers be served again once they are known again, in the same slots.
func TestAnswersReturn(t *testing.T) {
	b := running(t, 0)
	podSlot, nodeSlot := b.pods.cell("ns", "p", "u"), b.nodeCell("n")
	b.store.Fail("n")
	b.advance(15)
	b.putSelf(Identity{Name: "n", UID: "n1", Boot: "b1"}, 103)
	if pod, node := b.served(); !pod || !node || b.nodeCell("n") != nodeSlot || b.pods.cell("ns", "p", "u") != podSlot {
		t.Errorf("served after a failure and a look: pod %t, node %t", pod, node)
	}
}

// TestAnotherNodesAnswerIsNotServed asks for the pod on a node that it is not bound to.
func TestAnotherNodesAnswerIsNotServed(t *testing.T) {
	b := running(t, maxAge)
	for _, node := range []string{"m", "", "N"} {
		if u, ok := b.pod(node, "ns", "p", "u"); ok {
			t.Errorf("node %q gives %v", node, u)
		}
	}
	if u, ok := b.pod("n", "ns", "p", "another life"); ok {
		t.Errorf("another life of the pod has %v", u)
	}
	if u, ok := b.store.Reader().Pod(nil, "n"); ok {
		t.Errorf("a pod without a slot has %v", u)
	}
}

// TestANodeTakesBackNothingOfAnother has a pod be bound to another node, whose answer stays when the first node forgets the pod.
func TestANodeTakesBackNothingOfAnother(t *testing.T) {
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
