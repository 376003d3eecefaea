package watchcache

import (
	"cmp"
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
)

// replayed is an event that a watch begins with.
type replayed[O comparable, U any] struct {
	kind    watch.EventType
	version uint64
	// served is what is served of the object; nil in the end of one.
	served *entry[O, U]
	object O
	used   *U
}

// first returns the events that a watch begins with, in the order of their versions, so that a client that breaks off among them and resumes misses
// nothing. It is false where the version is too old. Entries is what is served at a version.
func (c *Cache[O, U]) first(w *watcher[O, U], entries []*entry[O, U], version uint64) (events []replayed[O, U], ok bool) {
	r := &w.request
	if !r.Initial && r.Version == 0 {
		return nil, true
	}
	served := make(map[name]*entry[O, U], len(entries))
	for _, e := range entries {
		if !w.selects(e) {
			continue
		}
		served[name{e.key.Namespace, e.key.Name}] = e
		kind := watch.Modified
		if r.Initial || e.since+c.history.slack > r.Version {
			kind = watch.Added
		}
		events = append(events, replayed[O, U]{kind: kind, version: e.version, served: e})
	}
	if !r.Initial {
		gone, ok := c.ended(w, served, version)
		if !ok {
			return nil, false
		}
		events = append(events, gone...)
	}
	slices.SortStableFunc(events, func(a, b replayed[O, U]) int { return cmp.Compare(a.version, b.version) })
	return events, true
}

// ended returns the end of what the client may have and is not served: former objects, and objects of which another replica may have usage.
func (c *Cache[O, U]) ended(w *watcher[O, U], served map[name]*entry[O, U], version uint64) (events []replayed[O, U], ok bool) {
	history, ok := c.history.since(w.request.Version)
	if !ok {
		return nil, false
	}
	add := func(object O, used *U, version uint64) {
		key := c.resource.Key(object)
		e := served[name{key.Namespace, key.Name}]
		if w.request.selects(key, object) && (e == nil || !isSame(e.key, key)) {
			events = append(events, replayed[O, U]{kind: watch.Deleted, version: version, object: object, used: c.resource.WithVersion(used, version)})
		}
	}
	for _, f := range history {
		add(f.object, f.used, f.version)
	}
	for o := range c.resource.All() {
		if c.resource.MayBeServed(o) {
			add(o, nil, version)
		}
	}
	return events, true
}

// replay sends the events that a watch begins with, and the bookmark behind them.
func (w *watcher[O, U]) replay(ctx context.Context, events []replayed[O, U], version uint64) bool {
	for _, e := range events {
		if !w.send(ctx, e.kind, w.cache.toSend(e)) {
			return false
		}
	}
	return !w.request.Initial || !w.request.Bookmarks || w.send(ctx, watch.Bookmark, w.cache.bookmark(version, true))
}

// toSend is the object of an event that a watch begins with.
func (c *Cache[O, U]) toSend(e replayed[O, U]) runtime.Object {
	if e.served != nil {
		return e.served.asFirst(&c.resource)
	}
	return c.resource.Item(e.object, e.used)
}

// late is when a watch that has resumed has to end a second time what is not served: this replica may have known later than another that an object has
// changed or is gone. Nil where the watch has not resumed.
func (w *watcher[O, U]) late() <-chan time.Time {
	if w.request.Initial || w.request.Version == 0 {
		return nil
	}
	return time.After(time.Duration(w.cache.history.slack) * time.Microsecond)
}

// sendEnded sends the end of what is not served and the client may have. The version is that of the last change that was sent.
func (w *watcher[O, U]) sendEnded(ctx context.Context, version uint64) bool {
	served := map[name]*entry[O, U]{}
	for _, e := range w.cache.entries(w.session) {
		if w.selects(e) {
			served[name{e.key.Namespace, e.key.Name}] = e
		}
	}
	events, ok := w.cache.ended(w, served, version)
	if !ok {
		w.fail(ctx, lost)
		return false
	}
	for _, e := range events {
		key := w.cache.resource.Key(e.object)
		if served[name{key.Namespace, key.Name}] != nil {
			continue // The client has another object of the name by now.
		}
		if !w.send(ctx, watch.Deleted, w.cache.resource.Item(e.object, w.cache.resource.WithVersion(e.used, version))) {
			return false
		}
	}
	return true
}
