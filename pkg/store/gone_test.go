package store

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// stopping are pods of which the first question is not answered before it may be.
type stopping struct {
	Pods
	asked, answer chan struct{}
	once          atomic.Bool
}

func stopAt(p Pods) *stopping {
	return &stopping{Pods: p, asked: make(chan struct{}), answer: make(chan struct{})}
}

func (s *stopping) Expect(namespace, name string) (Expected, bool) {
	if s.once.CompareAndSwap(false, true) {
		close(s.asked)
		<-s.answer
	}
	return s.Pods.Expect(namespace, name)
}

// TestDeletingANodeWaitsForNoPut deletes a node, and refuses it, while an answer of its kubelet is being put.
func TestDeletingANodeWaitsForNoPut(t *testing.T) {
	for name, forget := range map[string]func(*bed){
		"deleted": func(b *bed) { b.store.Delete("n") },
		"failed":  func(b *bed) { b.store.Fail("n") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := running(t, 0)
				b.advance(15)
				slow := stopAt(b.pods)
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					answer := b.answerOf(103)
					b.store.Put(Identity{Name: "n", UID: "n1", Boot: "b1"}, &answer, slow)
				}()
				<-slow.asked
				forget(b) // The bubble ends with a deadlock where it waits.
				close(slow.answer)
				<-ended
				if pod, node := b.served(); pod || node {
					t.Errorf("served afterwards: pod %t, node %t", pod, node)
				}
			})
		})
	}
}

// TestALatePutOfANodeThatIsGone puts for an identity that is gone, beside another node of the name.
func TestALatePutOfANodeThatIsGone(t *testing.T) {
	b := running(t, maxAge)
	gone := new(atomic.Bool)
	gone.Store(true)
	b.store.Delete("n")
	b.advance(15)
	old := Identity{Name: "n", UID: "n1", Boot: "b1", Gone: gone}
	b.putSelf(old, 103)
	b.advance(15)
	b.putSelf(old, 105)
	if pod, node := b.served(); pod || node {
		t.Errorf("the node that is gone has answers: pod %t, node %t", pod, node)
	}
	next := Identity{Name: "n", UID: "n2", Gone: new(atomic.Bool)}
	b.putSelf(next, 106)
	b.advance(15)
	b.putSelf(next, 108)
	b.putSelf(old, 300)
	if pod, node := b.served(); !pod || !node {
		t.Errorf("the node that follows has no answers: pod %t, node %t", pod, node)
	}
}
