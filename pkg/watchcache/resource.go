package watchcache

import (
	"iter"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Resource is the resource that is watched. O is an object of the cluster, a pointer, and U the usage of one such object. All fields are needed, and all
// functions must be safe for concurrent use.
type Resource[O comparable, U any] struct {
	// Name is the name of the resource, for messages and metrics.
	Name string
	// All are the objects of the cluster.
	All func() iter.Seq[O]
	// Find returns the object of that name; false where there is none.
	Find func(namespace, name string) (O, bool)
	// Key names an object.
	Key func(O) usage.Key
	// Cell is where the usage of an object is published.
	Cell func(O) *usage.Cell[U]
	// Usage returns the usage of an event, which is nil where it is not published; false for an event about another resource.
	Usage func(usage.Event) (*U, bool)
	// Version is the resource version of usage, and WithVersion a copy with another one, of empty usage where U is nil.
	Version     func(*U) uint64
	WithVersion func(*U, uint64) *U
	// Serves is true where the usage of the object is served, whatever its age.
	Serves func(O, *U) bool
	// MayBeServed is true of an object that may have usage, here or in another replica.
	MayBeServed func(O) bool
	// Item is the object with its usage as the API server encodes it, for one watcher, and Shared the same for many, which encode it once. First is
	// Shared for an object that is kept as long as it is served like that.
	Item, Shared, First func(O, *U) runtime.Object
	// Bookmark is an empty object of the API's type.
	Bookmark func() runtime.Object
}

// Source is where the changes come from.
type Source struct {
	// Observe registers an observer with a queue of so many events, as the store's Observe does.
	Observe func(capacity int) *usage.Observer
	// Version is the resource version of the newest change.
	Version func() uint64
	// Known is closed once all objects are known that the cluster had at the start.
	Known <-chan struct{}
	// Resolution is the longest time between two scrapes of a node.
	Resolution time.Duration
	// Metrics count watchers and events; nil counts nothing.
	Metrics *Metrics
	// Cluster is the name of the cluster, for metrics; empty for the home cluster.
	Cluster string
}
