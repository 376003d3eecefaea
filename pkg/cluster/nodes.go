package cluster

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/labels"
)

// Nodes are the nodes of a cluster, stripped. They are shared by their readers and never changed. It is safe for concurrent use.
type Nodes struct {
	// mu guards all of it.
	mu     sync.RWMutex
	byName map[string]*Node
	// ordered are all nodes in the order of their names, in a slice that is never changed; nil since one changed. changes counts how often
	// one did.
	ordered []*Node
	changes int
}

func newNodes() *Nodes { return &Nodes{byName: map[string]*Node{}} }

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

// inOrder sorts the nodes once for each change of one.
func (n *Nodes) inOrder() []*Node {
	n.mu.RLock()
	ordered, changes := n.ordered, n.changes
	if ordered == nil {
		ordered = slices.Collect(maps.Values(n.byName))
	} else {
		defer n.mu.RUnlock()
		return ordered
	}
	n.mu.RUnlock()
	slices.SortFunc(ordered, func(a, b *Node) int { return cmp.Compare(a.Name, b.Name) })
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changes == changes {
		n.ordered = ordered
	}
	return ordered
}

// put adds a node, or replaces the one of that name. The objects of one node share its cell.
func (n *Nodes) put(node *Node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if before := n.byName[node.Name]; before != nil && before.UID == node.UID {
		node.Usage = before.Usage
	}
	n.byName[node.Name] = node
	n.ordered, n.changes = nil, n.changes+1
}

// remove drops the node of that name.
func (n *Nodes) remove(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.byName, name)
	n.ordered, n.changes = nil, n.changes+1
}
