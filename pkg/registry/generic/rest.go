package generic

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// REST is the storage of one resource. O is an object of the cluster, U the usage of one such object. It holds nothing of its own. All
// fields are needed unless they say otherwise, and all functions must be safe for concurrent use, as REST is.
type REST[O, U any] struct {
	// Resource is the resource as clients name it, Singular its name for one object, and Short a short name.
	Resource        schema.GroupResource
	Singular, Short string
	// Namespaced is true where the objects belong to namespaces.
	Namespaced bool
	// Encoding is how the usage is written.
	Encoding *Encoding[O, U]
	// Row returns what a table shows of an object.
	Row func(O, *U) Row
	// Now is the time that resource versions follow, and by which a table shows ages.
	Now func() time.Time
	// Fields are the field selectors that the resource supports.
	Fields Fields[O]
	// Key returns the key of an object.
	Key func(O) Key
	// Find returns the object of that name; false where there is none.
	Find func(namespace, name string) (O, bool)
	// Select returns the objects of a namespace, or of every namespace for "", that have the labels, in the order of namespace and
	// name. It may leave out those before a key, and those after as many as are wanted from there on; 0 wants all. The slice is the storage's
	// own. The error is that of the context, which ends the selection.
	Select func(ctx context.Context, namespace string, selector labels.Selector, from Key, most int) ([]O, error)
	// Cell returns where the usage of an object is published, and its encodings are kept.
	Cell func(O) *usage.Cell[U]
	// Read returns the usage of an object; false where it has none that can be served.
	Read func(O) (*U, bool)
	// Has is true where Read returns usage. Metrics do not count its calls as reads of usage.
	Has func(O) bool
	// Version is the resource version of the newest change.
	Version func() uint64
	// Message is one sentence about why an object has no usage.
	Message func(O) string
	// Expects is true for an object that should have usage; nil where all should.
	Expects func(O) bool
	// Availability is that of the cluster.
	Availability Availability
}

// Availability is whether usage of a cluster can be served at all. It must be safe for concurrent use.
type Availability interface {
	// Ready is nil once responses are truthful; before, it says what is still awaited.
	Ready() error
	// Expired is non-nil where nothing in the cluster has usage that may still be served, and says why.
	Expired() error
}

var (
	_ rest.Getter               = &REST[int, int]{}
	_ rest.Lister               = &REST[int, int]{}
	_ rest.Scoper               = &REST[int, int]{}
	_ rest.SingularNameProvider = &REST[int, int]{}
	_ rest.ShortNamesProvider   = &REST[int, int]{}
	_ rest.CategoriesProvider   = &REST[int, int]{}
)

// New returns an empty object of the API's type.
func (r *REST[O, U]) New() runtime.Object { return r.Encoding.New() }

// NewList returns an empty list of the API's type.
func (r *REST[O, U]) NewList() runtime.Object { return r.Encoding.NewList(metav1.ListMeta{}) }

// Destroy does nothing: the storage owns nothing.
func (r *REST[O, U]) Destroy() {}

// NamespaceScoped implements rest.Scoper.
func (r *REST[O, U]) NamespaceScoped() bool { return r.Namespaced }

// GetSingularName implements rest.SingularNameProvider.
func (r *REST[O, U]) GetSingularName() string { return r.Singular }

// ShortNames implements rest.ShortNamesProvider.
func (r *REST[O, U]) ShortNames() []string { return []string{r.Short} }

// Categories implements rest.CategoriesProvider. It is not "all", which stands for what a user has created.
func (r *REST[O, U]) Categories() []string { return []string{"resource-metrics"} }
