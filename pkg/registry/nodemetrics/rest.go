// Package nodemetrics serves the resource nodes of metrics.k8s.io: what every node uses as a whole.
//
// It stands between the published usage and the API server. The Node object says which nodes exist and what
// they are called; a node without usage is not served, and the error says why.
package nodemetrics

import (
	"context"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Nodes are the nodes of the cluster. The nodes are shared and never changed.
type Nodes interface {
	// Get returns the node of that name; false where there is none.
	Get(name string) (*cluster.Node, bool)
	// List returns the nodes that a selector matches, in the order of their names. The slice is the caller's. The error is that of the
	// context, which ends the list.
	List(ctx context.Context, selector labels.Selector) ([]*cluster.Node, error)
}

// Messages explain to people why there is no usage.
type Messages interface {
	generic.Availability
	// Node is one sentence about why a node that exists has no usage.
	Node(name string) string
}

// REST serves NodeMetrics.
type REST = generic.REST[*cluster.Node, usage.Node]

// NewREST returns the storage of the resource nodes.
func NewREST(nodes Nodes, reader *usage.Reader, messages Messages) *REST {
	unobserved := reader.OnEachRead(nil)
	return &REST{
		Resource: metrics.Resource("nodes"),
		Singular: "nodemetrics", // "node" would shadow the core resource in clients that resolve names.
		Short:    "nom",
		Encoding: encoding(),
		Row:      row,
		Now:      reader.Now,
		Fields: generic.Fields[*cluster.Node]{
			"metadata.name":      func(n *cluster.Node) string { return n.Name },
			"metadata.namespace": func(*cluster.Node) string { return "" },
		},
		Key:  func(n *cluster.Node) generic.Key { return generic.Key{Name: n.Name} },
		Find: func(_, name string) (*cluster.Node, bool) { return nodes.Get(name) },
		Select: func(ctx context.Context, _ string, selector labels.Selector, _ generic.Key, _ int) ([]*cluster.Node, error) {
			return nodes.List(ctx, selector)
		},
		Cell: func(n *cluster.Node) *usage.NodeCell { return n.Usage },
		Read: func(n *cluster.Node) (*usage.Node, bool) { return read(n, reader) },
		Has: func(n *cluster.Node) bool {
			_, ok := read(n, unobserved)
			return ok
		},
		Version:      reader.ResourceVersion,
		Message:      func(n *cluster.Node) string { return messages.Node(n.Name) },
		Availability: messages,
	}
}
