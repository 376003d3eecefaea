package store

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// stopFirst has the store wait when it requests the first pod: requested is closed then, and the store goes on once release is.
func (b *env) stopFirst() (requested, release chan struct{}) {
	var once atomic.Bool
	requested, release = make(chan struct{}), make(chan struct{})
	b.onPod = func() {
		if once.CompareAndSwap(false, true) {
			close(requested)
			<-release
		}
	}
	return requested, release
}

// TestDeletingANodeWaitsForNoPut deletes a node, and refuses it, while a response of its kubelet is being put.
func TestDeletingANodeWaitsForNoPut(t *testing.T) {
	for name, forget := range map[string]func(*env){
		"deleted": func(b *env) { b.store.Delete("n") },
		"failed":  func(b *env) { b.store.Fail("n") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := running(t, 0)
				b.advance(15)
				requested, release := b.stopFirst()
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					response := b.sampleOf(103)
					b.store.Put(Identity{Name: "n", UID: "n1", Boot: "b1"}, &response)
				}()
				<-requested
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

// TestLatePutOfADeletedNode puts for an identity that is gone, while another node has the name.
func TestLatePutOfADeletedNode(t *testing.T) {
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
		t.Errorf("the deleted node has usage: pod %t, node %t", pod, node)
	}
	next := Identity{Name: "n", UID: "n2", Gone: new(atomic.Bool)}
	b.putSelf(next, 106)
	b.advance(15)
	b.putSelf(next, 108)
	b.putSelf(old, 300)
	if pod, node := b.served(); !pod || !node {
		t.Errorf("the node that follows has no usage: pod %t, node %t", pod, node)
	}
}

// withoutNodes are objects of which no node is known.
type withoutNodes struct{ *objects }

func (withoutNodes) Node(string) (string, *usage.NodeCell, bool) { return "", nil, false }

// TestNodeWithoutAnObjectIsConfirmed has a kubelet repeat its readings of a node whose object is gone.
func TestNodeWithoutAnObjectIsConfirmed(t *testing.T) {
	b := newEnv(t, time.Minute)
	s := New(withoutNodes{b.objects}, usage.Staleness{MaxAge: time.Minute, Resolution: 15 * time.Second}, b.clock)
	put := func(u sample.Usage) { s.Put(Identity{Name: "n"}, &sample.Node{Usage: u}) }
	put(b.usage(100, 64))
	b.advance(15)
	newest := b.usage(101.5, 64)
	put(newest)
	b.advance(15)
	put(newest)
	if !s.find("n").isServed() {
		t.Error("the usage of the node is gone")
	}
}
