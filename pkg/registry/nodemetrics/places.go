package nodemetrics

import (
	"slices"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// places remembers where the numbers of the nodes that were listed last are published: the next list is mostly of the same nodes, and
// to look each of them up would cost more than to write it. It is safe for concurrent use.
type places struct {
	usages Usages
	last   atomic.Pointer[placed]
}

// placed never changes.
type placed struct {
	slotting uint64
	nodes    []*corev1.Node
	slots    []*usage.NodeCell
}

// of returns the slots of nodes, in their order; nil where a node has none. Nobody changes either.
func (p *places) of(nodes []*corev1.Node) []*usage.NodeCell {
	slotting := p.usages.Slotting() // Before the slots are looked up: what changes meanwhile has them looked up again.
	if last := p.last.Load(); last != nil && last.slotting == slotting && slices.Equal(last.nodes, nodes) {
		return last.slots
	}
	slots := make([]*usage.NodeCell, len(nodes))
	for i, n := range nodes {
		slots[i] = p.usages.NodeSlot(n.Name)
	}
	if len(nodes) > 1 {
		p.last.Store(&placed{slotting, nodes, slots})
	}
	return slots
}
