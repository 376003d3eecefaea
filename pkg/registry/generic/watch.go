package generic

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	genericapirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/utils/ptr"

	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// WatchREST is a storage that can be watched. The API server offers the verb watch for such a storage alone.
type WatchREST[O comparable, U any] struct {
	*REST[O, U]
	// Cache serves the watches.
	Cache *watchcache.Cache[O, U]
	// HasLabels is true where an object has the labels. It must be safe for concurrent use.
	HasLabels func(O, labels.Selector) bool
}

var _ rest.Watcher = &WatchREST[*int, int]{}

// Watch begins a watch of the objects that are selected and have usage. The objects that it sends are [Item]s, also inside of [SharedItem]s, and, in
// bookmarks, those of the API's type. Errors are those of List, and those of watchcache.Cache.Watch.
func (r *WatchREST[O, U]) Watch(ctx context.Context, options *internalversion.ListOptions) (watch.Interface, error) {
	selected, err := newSelection(options, r.Fields)
	if err != nil {
		return nil, err
	}
	version, err := parseVersion(options.ResourceVersion)
	if err != nil {
		return nil, err
	}
	if err := r.Availability.Ready(); err != nil {
		return nil, unavailable(r.Resource, "", err)
	}
	initial := ptr.Deref(options.SendInitialEvents, version == 0)
	if initial {
		// Where nothing has usage any more, a list says so, and so does what stands in its place.
		if _, err := r.List(ctx, &internalversion.ListOptions{LabelSelector: options.LabelSelector, FieldSelector: options.FieldSelector, Limit: 1}); err != nil {
			return nil, err
		}
	}
	return r.Cache.Watch(ctx, watchcache.Request[O]{
		Namespace: genericapirequest.NamespaceValue(ctx),
		Selects:   func(o O) bool { return r.HasLabels(o, selected.labels) && selected.hasFields(o) },
		Version:   version,
		Initial:   initial,
		Bookmarks: options.AllowWatchBookmarks,
	})
}

// NewWatchCache returns the cache of a resource whose usage is written in an encoding. It sets how the resource is sent.
func NewWatchCache[O comparable, U any](e *Encoding[O, U], r watchcache.Resource[O, U], source watchcache.Source) *watchcache.Cache[O, U] {
	item := func(o O, u *U) Item[O, U] { return Item[O, U]{o, u, r.Cell(o), e} }
	r.Item = func(o O, u *U) runtime.Object { i := item(o, u); return &i }
	r.Shared = func(o O, u *U) runtime.Object { return &SharedItem[O, U]{Item: item(o, u), most: sharedForms} }
	r.First = func(o O, u *U) runtime.Object { return &SharedItem[O, U]{Item: item(o, u), most: firstForms} }
	r.Bookmark = e.New
	return watchcache.New(r, source)
}
