package generic

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
)

// Get returns the usage of one object, as an [Item], which is at least as new as the resource version of the options. Without usage it is a
// NotFound error that says why, or a ServiceUnavailable one until the cluster is ready.
func (r *REST[O, U]) Get(ctx context.Context, name string, options *metav1.GetOptions) (runtime.Object, error) {
	if options != nil && options.ResourceVersion != "" {
		least, err := parseVersion(options.ResourceVersion)
		if err != nil {
			return nil, err
		}
		if err := r.awaitVersion(ctx, least); err != nil {
			return nil, err
		}
	}
	object, exists := r.Find(genericapirequest.NamespaceValue(ctx), name)
	if exists {
		if used, ok := r.Read(object); ok {
			return &Item[O, U]{object, used, r.Cell(object), r.Encoding}, nil
		}
	}
	if err := r.Availability.Ready(); err != nil {
		return nil, unavailable(r.Resource, name, err)
	}
	if !exists {
		return nil, notFound(r.Resource, name, "")
	}
	return nil, notFound(r.Resource, name, r.Message(object))
}

// List returns the usage of the objects that are selected and have some, as a [List], or a page of them. Where some of them should have
// usage, and nothing in the cluster has any, it is a ServiceUnavailable error: an empty list would say that nothing runs. It is a BadRequest
// for selectors that are too large or unsupported and for options that contradict each other, an Expired error for a resource version that is
// too old to be served, and a Timeout for one that is too new, or where the context ends.
func (r *REST[O, U]) List(ctx context.Context, options *internalversion.ListOptions) (runtime.Object, error) {
	selected, err := newSelection(options, r.Fields)
	if err != nil {
		return nil, err
	}
	p, err := newPage(options, r.Namespaced, genericapirequest.NamespaceValue(ctx))
	if err != nil {
		return nil, err
	}
	if err := r.Availability.Ready(); err != nil {
		return nil, unavailable(r.Resource, "", err)
	}
	if err := r.awaitVersion(ctx, p.least); err != nil {
		return nil, err
	}
	// Taken first: items may be newer than the list says, never older.
	if err := p.setVersion(r.Version()); err != nil {
		return nil, err
	}
	list := &List[O, U]{ListMeta: metav1.ListMeta{ResourceVersion: ResourceVersion(p.version)}, encoding: r.Encoding}
	f := filling[O, U]{REST: r, list: list, selected: selected, page: p}
	if err := f.run(ctx); err != nil {
		return nil, interrupted(r.Resource, err)
	}
	if f.missing && len(list.Items) == 0 {
		if err := r.Availability.Expired(); err != nil {
			return nil, expired(r.Resource, err)
		}
	}
	return list, nil
}
