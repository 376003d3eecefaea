// Package nodemetrics serves the resource nodes of metrics.k8s.io: what every node uses as a whole.
//
// It stands between the store, which has the numbers, and the API server. The Node object says which nodes exist and what
// they are called; a node that has no numbers is not served, and a reader of it is told why.
package nodemetrics

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/registry/usage"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// Nodes are the nodes of the cluster. The nodes are shared and never changed.
type Nodes interface {
	// Get returns the node of that name; false where there is none.
	Get(name string) (*corev1.Node, bool)
	// List returns all nodes, in any order. The slice is the caller's.
	List() []*corev1.Node
}

// Usages are the numbers of nodes.
type Usages interface {
	// Node returns what a node used; false where there are no numbers.
	Node(name string) (store.NodeUsage, bool)
	// Generation grows whenever any number changes.
	Generation() uint64
}

// Causes tell people why there are no numbers.
type Causes interface {
	// Node says in one sentence why a node that exists has no numbers.
	Node(name string) string
	// Warming is non-nil until the first answers are truthful, and says what is still awaited.
	Warming() error
}

// REST serves NodeMetrics. It holds nothing of its own and is safe for concurrent use.
type REST struct {
	usages Usages
	reader usage.Reader[*corev1.Node, metrics.NodeMetrics]
}

var (
	_ rest.Getter               = &REST{}
	_ rest.Lister               = &REST{}
	_ rest.Scoper               = &REST{}
	_ rest.SingularNameProvider = &REST{}
)

// NewREST returns the storage of the resource nodes.
func NewREST(nodes Nodes, usages Usages, causes Causes) *REST {
	return &REST{usages: usages, reader: usage.Reader[*corev1.Node, metrics.NodeMetrics]{
		Resource: metrics.Resource("nodes"),
		Fields: usage.Fields[*corev1.Node]{
			"metadata.name":      (*corev1.Node).GetName,
			"metadata.namespace": (*corev1.Node).GetNamespace,
		},
		Find: func(_, name string) (*corev1.Node, bool) { return nodes.Get(name) },
		All:  func(string) []*corev1.Node { return nodes.List() },
		Measure: func(n *corev1.Node) (metrics.NodeMetrics, bool) {
			return measure(n, usages)
		},
		Cause:   func(n *corev1.Node) string { return causes.Node(n.Name) },
		Warming: causes.Warming,
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

// Get returns the *metrics.NodeMetrics of one node. The errors are those of usage.Reader.
func (r *REST) Get(_ context.Context, name string, _ *metav1.GetOptions) (runtime.Object, error) {
	node, err := r.reader.Get("", name)
	if err != nil {
		return nil, err
	}
	return node, nil
}

// List returns a *metrics.NodeMetricsList of the nodes that are selected and have numbers. The errors are those of
// usage.Reader.
func (r *REST) List(_ context.Context, options *internalversion.ListOptions) (runtime.Object, error) {
	// Taken first: items may be newer than the list says, never older.
	generation := r.usages.Generation()
	items, err := r.reader.List("", options)
	if err != nil {
		return nil, err
	}
	return &metrics.NodeMetricsList{
		ListMeta: metav1.ListMeta{ResourceVersion: usage.ResourceVersion(generation)},
		Items:    items,
	}, nil
}

// ConvertToTable prints a NodeMetrics or a NodeMetricsList, a line for each node.
func (r *REST) ConvertToTable(_ context.Context, object, options runtime.Object) (*metav1.Table, error) {
	return usage.Table(object, options, row)
}
