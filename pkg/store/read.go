package store

import (
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Node returns what a node used; false where there is nothing that may still be served. The answer is shared and never changed.
func (s *Store) Node(name string) (*usage.Node, bool) { return s.reader.Node(s.NodeSlot(name)) }

// Reader reads what the store has published.
func (s *Store) Reader() *usage.Reader { return s.reader }

// NodeIn is Node by the node's slot, which may be nil.
func (s *Store) NodeIn(slot *usage.NodeCell) (*usage.Node, bool) { return s.reader.Node(slot) }

// Slotting is another number whenever some node may have another slot than before, or none.
func (s *Store) Slotting() uint64 { return s.slotting.Load() }

// NodeSlot returns where what a node used is published; nil where the store knows no such node.
func (s *Store) NodeSlot(name string) *usage.NodeCell {
	held := s.find(name)
	if held == nil {
		return nil
	}
	return held.slot // It is always the same: no lock is needed.
}

// Pod returns what was published of a pod by the node that it runs on; false where there is nothing that may still be served. The
// answer is shared and never changed.
func (s *Store) Pod(slot *usage.PodCell, node string) (*usage.Pod, bool) {
	return s.reader.Pod(slot, node)
}

// WhyNoPod says in one sentence why a pod has no answer, as far as the store can know; empty where it cannot.
func (s *Store) WhyNoPod(node, namespace, name string) string {
	held := s.find(node)
	if held == nil {
		return ""
	}
	held.mu.RLock()
	defer held.runlock()
	if held.looked == 0 {
		return ""
	}
	p := held.pods[podKey{namespace, name}]
	if p == nil {
		return fmt.Sprintf("the kubelet of node %q does not report the pod", node)
	}
	return p.missing.String()
}

// WhyNoNode says in one sentence why a node itself has no answer, as far as the store can know; empty where it cannot.
func (s *Store) WhyNoNode(name string) string {
	held := s.find(name)
	if held == nil {
		return ""
	}
	held.mu.RLock()
	defer held.runlock()
	return held.lack.of(fmt.Sprintf("node %q", name))
}
