package watchcache

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/storage"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Request is what a client watches.
type Request[O comparable] struct {
	// Namespace is that of the objects; empty for all.
	Namespace string
	// Selects is true of the objects that the client has selected. It must be safe for concurrent use.
	Selects func(O) bool
	// Version is the resource version from which on the client wants to know changes; 0 for any.
	Version uint64
	// Initial has everything that is served come first, as additions.
	Initial bool
	// Bookmarks has the client know from time to time how far it has come. With Initial, one says that all that was served has come.
	Bookmarks bool
}

func (r *Request[O]) selects(key usage.Key, object O) bool {
	return (r.Namespace == "" || r.Namespace == key.Namespace) && r.Selects(object)
}

const (
	// ahead is how long a request waits for a version that is in the future, because the clock of another replica is ahead.
	ahead = 3 * time.Second
	// versionCheck is how often it compares.
	versionCheck = 20 * time.Millisecond
	// retryAfter is in seconds.
	retryAfter = 1
)

// Watch begins a watch, which ends with ctx. The error is a Timeout with the cause ResourceVersionTooLarge for a version from the future, ResourceExpired
// for one from which on the changes are not all known, and a Timeout where ctx ends first.
func (c *Cache[O, U]) Watch(ctx context.Context, r Request[O]) (watch.Interface, error) {
	if !r.Initial && r.Version != 0 && !c.history.has(r.Version) {
		return nil, c.tooOld(r.Version) // At little cost: clients may repeat it.
	}
	s, err := c.join(ctx)
	if err != nil {
		return nil, apierrors.NewTimeoutError(fmt.Sprintf("the watch of %s could not begin: %v", c.resource.Name, err), retryAfter)
	}
	w, err := c.begin(ctx, s, r)
	if err != nil {
		c.leave(s)
		return nil, err
	}
	return w, nil
}

func (c *Cache[O, U]) begin(ctx context.Context, s *session[O, U], r Request[O]) (watch.Interface, error) {
	if err := c.await(ctx, s, r.Version); err != nil {
		return nil, err
	}
	w := &watcher[O, U]{
		cache: c, session: s, request: r,
		result: make(chan watch.Event, sentAtOnce), stopped: make(chan struct{}), expired: make(chan struct{}),
	}
	entries, at := c.add(w)
	first, ok := c.beginningOf(w, entries, at.version.Load())
	if !ok {
		c.remove(w)
		return nil, c.tooOld(r.Version)
	}
	c.counts.add(1)
	go w.run(ctx, first, at)
	return w, nil
}

func (c *Cache[O, U]) tooOld(version uint64) error {
	return apierrors.NewResourceExpired(fmt.Sprintf("resource version %d is too old: the changes of %s since then are not all known", version, c.resource.Name))
}

// await waits until the state has a version. What the clock has passed is no version of the future: all later changes have higher ones.
func (c *Cache[O, U]) await(ctx context.Context, s *session[O, U], version uint64) error {
	end := time.Now().Add(ahead)
	for ; !c.has(s, version); wait(ctx, versionCheck) {
		left := time.Until(end)
		if left <= 0 || ctx.Err() != nil || version > c.now()+micros(left) {
			return storage.NewTooLargeResourceVersionError(version, c.source.Version(), retryAfter)
		}
	}
	return nil
}

func (c *Cache[O, U]) has(s *session[O, U], version uint64) bool {
	newest := c.source.Version()
	if version > max(newest, c.now()) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return s.last.version.Load() >= min(version, newest)
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// add has the watcher read the log from the last batch on, and returns what is served at that batch.
func (c *Cache[O, U]) add(w *watcher[O, U]) (entries []*entry[O, U], at *batch[O, U]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := w.session
	w.read.Store(s.last.total)
	s.watchers[w] = struct{}{}
	return s.state.entries(), s.last
}

// entries are what is served now.
func (c *Cache[O, U]) entries(s *session[O, U]) []*entry[O, U] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return s.state.entries()
}

func (c *Cache[O, U]) remove(w *watcher[O, U]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(w.session.watchers, w)
}

// release ends the part of a watcher in its session.
func (c *Cache[O, U]) release(w *watcher[O, U]) {
	c.remove(w)
	c.leave(w.session)
	c.counts.add(-1)
}

// bookmark is an empty object with a version, and with the annotation that ends the first events where initial is true.
func (c *Cache[O, U]) bookmark(version uint64, initial bool) runtime.Object {
	object := c.resource.Bookmark()
	_ = storage.APIObjectVersioner{}.UpdateObject(object, version) // It fails for objects without metadata alone.
	if initial {
		_ = storage.AnnotateInitialEventsEndBookmark(object)
	}
	return object
}
