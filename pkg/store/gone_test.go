package store

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// stopFirst has the store wait when it asks for the first pod: asked is closed then, and the store goes on once answer is.
func (b *env) stopFirst() (asked, answer chan struct{}) {
	var once atomic.Bool
	asked, answer = make(chan struct{}), make(chan struct{})
	b.asked = func() {
		if once.CompareAndSwap(false, true) {
			close(asked)
			<-answer
		}
	}
	return asked, answer
}

// TestDeletingANodeWaitsForNoPut deletes a node, and refuses it, while an answer of its kubelet is being put.
func TestDeletingANodeWaitsForNoPut(t *testing.T) {
	for name, forget := range map[string]func(*env){
		"deleted": func(b *env) { b.store.Delete("n") },
		"failed":  func(b *env) { b.store.Fail("n") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := running(t, 0)
				b.advance(15)
				asked, release := b.stopFirst()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					answer := b.answerOf(103)
					b.store.Put(Identity{Name: "n", UID: "n1", Boot: "b1"}, &answer)
				}()
				<-asked
				forget(b) // The bubble ends with a deadlock where it waits.
				close(release)
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
