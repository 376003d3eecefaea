package cluster

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/labels"
)

// Nodes are the nodes of a cluster, stripped. They are shared by their readers and never changed. It is safe for concurrent use.
type Nodes struct {
	// handler is notified after each change.
	handler NodeHandler
	// deleted is called with each node that is gone, and changed with each that has other labels: see Cluster.OnNodeDeleted and OnNodeChanged.
	deleted func(*Node)
	changed func(before, after *Node)

	// mu guards what follows.
	mu      sync.RWMutex
	byName  map[string]*Node
	ordered sorted[*Node]
}

func newNodes(handler NodeHandler) *Nodes {
	return &Nodes{handler: handler, deleted: func(*Node) {}, changed: func(_, _ *Node) {}, byName: map[string]*Node{}}
}

// Get returns a node by name.
func (n *Nodes) Get(name string) (*Node, bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	node, ok := n.byName[name]
	return node, ok
}

// List returns the nodes that a selector matches, in the order of their names. The slice is the caller's. No lock is held while the
// selector is evaluated. The error is that of ctx, which ends the list.
func (n *Nodes) List(ctx context.Context, selector labels.Selector) ([]*Node, error) {
	all := n.inOrder()
	if selector.Empty() {
		return slices.Clone(all), nil
	}
	var out []*Node
	for i, node := range all {
		if i%matchedAtOnce == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("list the nodes: %w", context.Cause(ctx))
		}
		if selector.Matches(node.Labels) {
			out = append(out, node)
		}
	}
	return out, nil
}

// All are the nodes in the order of their names.
func (n *Nodes) All() iter.Seq[*Node] { return slices.Values(n.inOrder()) }

func (n *Nodes) inOrder() sorted[*Node] {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.ordered
}

func (n *Nodes) set(node *Node) {
	switch before := n.put(node); {
	case before == nil:
	case before.UID != node.UID:
		n.deleted(before)
	case before.Labels != node.Labels:
		n.changed(before, node)
	}
	n.handler.Set(node)
}

// put adds a node, or replaces the one of that name, which it returns. The objects of one node share its cell.
func (n *Nodes) put(node *Node) (before *Node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if before = n.byName[node.Name]; before != nil && before.UID == node.UID {
		node.Usage = before.Usage
	}
	n.byName[node.Name] = node
	n.ordered.put(node)
	return before
}

func (n *Nodes) remove(node *Node) {
	if before := n.drop(node.Name); before != nil {
		n.deleted(before)
	}
	n.handler.Remove(node.Name)
}

// drop drops the node of that name, and returns it; nil where there is none.
func (n *Nodes) drop(name string) (before *Node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	before = n.byName[name]
	delete(n.byName, name)
	n.ordered.remove(name)
	return before
}

func (n *Nodes) replace(all []*Node) {
	slices.SortFunc(all, func(a, b *Node) int { return cmp.Compare(a.Name, b.Name) })
	for _, node := range n.inOrder() {
		if _, stays := sorted[*Node](all).search(node.Name); !stays {
			n.remove(node)
		}
	}
	for _, node := range all {
		n.set(node)
	}
}
