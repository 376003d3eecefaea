// Package nodemetrics serves the resource nodes of metrics.k8s.io: what every node uses as a whole.
//
// It stands between the published usage and the API server. The Node object says which nodes exist and what
// they are called; a node without usage is not served, and the error says why.
package nodemetrics

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
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

// Causes are sentences for people about why there is no usage.
type Causes interface {
	// Node is one sentence about why a node that exists has no usage.
	Node(name string) string
	// Warming is non-nil until the first responses are truthful, and says what is still awaited.
	Warming() error
}

// REST serves NodeMetrics. It holds nothing of its own and is safe for concurrent use.
type REST struct {
	reader generic.Reader[*cluster.Node, usage.Node]
}

var (
	_ rest.Getter               = &REST{}
	_ rest.Lister               = &REST{}
	_ rest.Scoper               = &REST{}
	_ rest.SingularNameProvider = &REST{}
)

// NewREST returns the storage of the resource nodes.
func NewREST(nodes Nodes, reader *usage.Reader, causes Causes) *REST {
	return &REST{reader: generic.Reader[*cluster.Node, usage.Node]{
		Resource: metrics.Resource("nodes"),
		Kind:     kind(),
		Fields: generic.Fields[*cluster.Node]{
			"metadata.name":      func(n *cluster.Node) string { return n.Name },
			"metadata.namespace": func(*cluster.Node) string { return "" },
		},
		Find: func(_, name string) (*cluster.Node, bool) { return nodes.Get(name) },
		Select: func(ctx context.Context, _ string, selector labels.Selector) ([]*cluster.Node, error) {
			return nodes.List(ctx, selector)
		},
		Cell:    func(n *cluster.Node) *usage.NodeCell { return n.Usage },
		Read:    func(n *cluster.Node) (*usage.Node, bool) { return read(n, reader) },
		Version: reader.ResourceVersion,
		Cause:   func(n *cluster.Node) string { return causes.Node(n.Name) },
		Warming: causes.Warming,
		Expired: generic.ExpiredBy(causes),
	}}
}

// New returns an empty NodeMetrics.
func (r *REST) New() runtime.Object { return &metrics.NodeMetrics{} }

// NewList returns an empty NodeMetricsList.
func (r *REST) NewList() runtime.Object { return &metrics.NodeMetricsList{} }

// Destroy does nothing: the storage owns nothing.
func (r *REST) Destroy() {}

// NamespaceScoped is false: nodes belong to the cluster.
func (r *REST) NamespaceScoped() bool { return false }

// GetSingularName returns the lower-cased kind. "node" would shadow the core resource in clients that resolve names.
func (r *REST) GetSingularName() string { return "nodemetrics" }

// Get returns the usage of one node, as a generic.Item. The errors are those of generic.Reader.
func (r *REST) Get(_ context.Context, name string, _ *metav1.GetOptions) (runtime.Object, error) {
	node, err := r.reader.Get("", name)
	if err != nil {
		return nil, err
	}
	return node, nil
}

// List returns the usage of the nodes that are selected and have some, as a generic.List. The errors are those of generic.Reader.
func (r *REST) List(ctx context.Context, options *internalversion.ListOptions) (runtime.Object, error) {
	list, err := r.reader.List(ctx, "", options)
	if err != nil {
		return nil, err
	}
	return list, nil
}

// ConvertToTable prints what Get or List returned, a line for each node.
func (r *REST) ConvertToTable(_ context.Context, object, options runtime.Object) (*metav1.Table, error) {
	return generic.Table(object, options, row)
}
