package usage

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Reader answers reads of one resource. O is an object of the cluster, M the numbers of one such object as they are
// served. All fields are needed, and all functions must be safe for concurrent use.
type Reader[O metav1.Object, M any] struct {
	// Resource is the resource as clients name it.
	Resource schema.GroupResource
	// Fields are the field selectors that the resource supports.
	Fields Fields[O]
	// Find returns the object of that name; false where there is none.
	Find func(namespace, name string) (O, bool)
	// All returns the objects of a namespace, or of every namespace for "". The slice is the Reader's own.
	All func(namespace string) []O
	// Measure returns an object's numbers; false where it has none that can be served.
	Measure func(O) (M, bool)
	// Cause says in one sentence why an object has no numbers.
	Cause func(O) string
	// Warming is non-nil until the first answers are truthful, and says what is still awaited.
	Warming func() error
}

// Get returns the numbers of one object. Without them it is a NotFound error that says why, or while the process is
// warming up a ServiceUnavailable one.
func (r *Reader[O, M]) Get(namespace, name string) (*M, error) {
	object, exists := r.Find(namespace, name)
	if exists {
		if measured, ok := r.Measure(object); ok {
			return &measured, nil
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

// List returns the numbers of the objects that are selected and have some, in order of namespace and name, in a slice
// that is the caller's and never nil. A limit is ignored, as the API allows.
func (r *Reader[O, M]) List(namespace string, options *internalversion.ListOptions) ([]M, error) {
	selected, err := newSelection(options, r.Fields)
	if err != nil {
		return nil, err
	}
	if err := r.Warming(); err != nil {
		return nil, unavailable(r.Resource, "", err)
	}
	objects := slices.DeleteFunc(r.All(namespace), func(o O) bool { return !selected.matches(o) })
	slices.SortFunc(objects, byName[O])
	items := make([]M, 0, len(objects))
	for _, object := range objects {
		if measured, ok := r.Measure(object); ok {
			items = append(items, measured)
		}
	}
	return items, nil
}
