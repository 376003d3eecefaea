package generic

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Reader serves reads of one resource. O is an object of the cluster, U the usage of one such object. All fields are needed, and
// all functions must be safe for concurrent use.
type Reader[O, U any] struct {
	// Resource is the resource as clients name it.
	Resource schema.GroupResource
	// Kind is how the usage is written.
	Kind *Kind[O, U]
	// Fields are the field selectors that the resource supports.
	Fields Fields[O]
	// Find returns the object of that name; false where there is none.
	Find func(namespace, name string) (O, bool)
	// Select returns the objects of a namespace, or of every namespace for "", that have the labels, in the order of namespace and
	// name. The slice is the Reader's own. The error is that of the context, which ends the selection.
	Select func(ctx context.Context, namespace string, selector labels.Selector) ([]O, error)
	// Cell returns where the usage of an object is published; nil where its encodings are not kept.
	Cell func(O) *usage.Cell[U]
	// Read returns the usage of an object; false where it has none that can be served.
	Read func(O) (*U, bool)
	// Version is the resource version of the newest change.
	Version func() uint64
	// Cause is one sentence about why an object has no usage.
	Cause func(O) string
	// Warming is non-nil until the first responses are truthful, and says what is still awaited.
	Warming func() error
	// Expects is true for an object that should have usage; nil where all should.
	Expects func(O) bool
	// Expired is non-nil where no object of the cluster has usage that may still be served, and says why; nil where that is never known.
	Expired func() error
}

// readAtOnce is for how many objects a list goes on when its context is done.
const readAtOnce = 64

// Get returns the usage of one object. Without usage it is a NotFound error that says why, or while the process is
// warming up a ServiceUnavailable one.
func (r *Reader[O, U]) Get(namespace, name string) (*Item[O, U], error) {
	object, exists := r.Find(namespace, name)
	if exists {
		if used, ok := r.Read(object); ok {
			return &Item[O, U]{object, used, r.Cell(object), r.Kind}, nil
		}
	}
	if err := r.Warming(); err != nil {
		return nil, unavailable(r.Resource, name, err)
	}
	if !exists {
		return nil, notFound(r.Resource, name, "")
	}
	return nil, notFound(r.Resource, name, r.Cause(object))
}

// List returns the usage of the objects that are selected and have some, in order of namespace and name. A limit is ignored, as the
// API allows. Where some of them should have usage, and nothing in the cluster has any, it is a ServiceUnavailable error: an empty list
// would say that nothing runs. It is a BadRequest for selectors that are too large or unsupported, and a Timeout where the context ends.
func (r *Reader[O, U]) List(ctx context.Context, namespace string, options *internalversion.ListOptions) (*List[O, U], error) {
	selected, err := newSelection(options, r.Fields)
	if err != nil {
		return nil, err
	}
	if err := r.Warming(); err != nil {
		return nil, unavailable(r.Resource, "", err)
	}
	// Taken first: items may be newer than the list says, never older.
	list := &List[O, U]{ListMeta: metav1.ListMeta{ResourceVersion: ResourceVersion(r.Version())}, kind: r.Kind}
	objects, err := r.Select(ctx, namespace, selected.labels)
	if err != nil {
		return nil, interrupted(r.Resource, err)
	}
	missing, err := r.fill(ctx, list, objects, selected)
	if err != nil {
		return nil, interrupted(r.Resource, err)
	}
	if missing && len(list.Items) == 0 && r.Expired != nil {
		if err := r.Expired(); err != nil {
			return nil, expired(r.Resource, err)
		}
	}
	return list, nil
}

// fill puts in what the objects use that have the selected fields. It returns whether one of them should have usage and has none.
func (r *Reader[O, U]) fill(ctx context.Context, list *List[O, U], objects []O, selected *selection[O]) (missing bool, err error) {
	list.Items = make([]Item[O, U], 0, len(objects))
	for i, object := range objects {
		if i%readAtOnce == 0 && ctx.Err() != nil {
			return false, context.Cause(ctx)
		}
		if !selected.hasFields(object) {
			continue
		}
		if used, ok := r.Read(object); ok {
			list.Items = append(list.Items, Item[O, U]{object, used, r.Cell(object), r.Kind})
		} else {
			missing = missing || r.Expects == nil || r.Expects(object)
		}
	}
	return missing, nil
}
