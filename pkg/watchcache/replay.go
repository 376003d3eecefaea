package watchcache

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/watch"
)

// ending is the end of an object that a client may still have, which is a state of it that is served no more.
type ending[O comparable, U any] struct {
	version uint64
	object  O
	used    *U
}

// beginning is what a watch begins with, each part in the order of its versions. Many watches may begin at the same time, and take as long as their
// clients: it has little beside what they share.
type beginning[O comparable, U any] struct {
	served []*entry[O, U]
	ended  []ending[O, U]
	// version is that of the state that it was taken from.
	version uint64
}

// beginningOf returns what a watch begins with. It is false where the version is too old. Entries is what is served at a version.
func (c *Cache[O, U]) beginningOf(w *watcher[O, U], entries []*entry[O, U], version uint64) (b beginning[O, U], ok bool) {
	r := &w.request
	b.version = version
	if !r.Initial && r.Version == 0 {
		return b, true
	}
	b.served = w.selected(entries)
	slices.SortFunc(b.served, func(a, b *entry[O, U]) int { return cmp.Compare(a.version, b.version) })
	if r.Initial {
		return b, true
	}
	if b.ended, ok = c.endedFor(w, byName(b.served), version); !ok {
		return b, false
	}
	slices.SortStableFunc(b.ended, func(a, b ending[O, U]) int { return cmp.Compare(a.version, b.version) })
	return b, true
}

// selected are the entries that the watcher selects, in a slice that has no room for others.
func (w *watcher[O, U]) selected(entries []*entry[O, U]) []*entry[O, U] {
	return slices.Clip(slices.DeleteFunc(entries, func(e *entry[O, U]) bool { return !w.selects(e) }))
}

func byName[O comparable, U any](entries []*entry[O, U]) map[name]*entry[O, U] {
	return maps.Collect(func(yield func(name, *entry[O, U]) bool) {
		for _, e := range entries {
			if !yield(name{e.key.Namespace, e.key.Name}, e) {
				return
			}
		}
	})
}

// endedFor returns the end of what the client may have and is not served: former objects, and objects of which another replica may have usage. It is
// false where the version of the request is too old.
func (c *Cache[O, U]) endedFor(w *watcher[O, U], served map[name]*entry[O, U], version uint64) (all []ending[O, U], ok bool) {
	history, ok := c.history.since(w.request.Version)
	if !ok {
		return nil, false
	}
	add := func(object O, used *U, version uint64) {
		key := c.resource.Key(object)
		e := served[name{key.Namespace, key.Name}]
		if w.request.selects(key, object) && (e == nil || !isSame(e.key, key)) {
			all = append(all, ending[O, U]{version, object, used})
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
	return all, true
}

// replay sends what the watch begins with, in the order of the versions, so that a client that breaks off and resumes misses nothing; then the bookmark
// behind it.
func (w *watcher[O, U]) replay(ctx context.Context, b beginning[O, U]) bool {
	for len(b.served) > 0 || len(b.ended) > 0 {
		if len(b.served) == 0 || len(b.ended) > 0 && b.ended[0].version <= b.served[0].version {
			if !w.sendEnding(ctx, b.ended[0], b.ended[0].version) {
				return false
			}
			b.ended = b.ended[1:]
			continue
		}
		e := b.served[0]
		if b.served = b.served[1:]; !w.send(ctx, w.kindOf(e), e.asFirst(&w.cache.resource)) {
			return false
		}
	}
	return !w.request.Initial || !w.request.Bookmarks || w.send(ctx, watch.Bookmark, w.cache.bookmark(b.version, true))
}

// kindOf is Added for an object that may be new to the client.
func (w *watcher[O, U]) kindOf(e *entry[O, U]) watch.EventType {
	if w.request.Initial || e.since+w.cache.history.slack > w.request.Version {
		return watch.Added
	}
	return watch.Modified
}

func (w *watcher[O, U]) sendEnding(ctx context.Context, e ending[O, U], version uint64) bool {
	r := &w.cache.resource
	return w.send(ctx, watch.Deleted, r.Item(e.object, r.WithVersion(e.used, version)))
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
	served := byName(w.selected(w.cache.entries(w.session)))
	all, ok := w.cache.endedFor(w, served, version)
	if !ok {
		w.fail(ctx, lost)
		return false
	}
	// The client has another object of the name by now.
	all = slices.DeleteFunc(all, func(e ending[O, U]) bool {
		key := w.cache.resource.Key(e.object)
		return served[name{key.Namespace, key.Name}] != nil
	})
	for _, e := range all {
		if !w.sendEnding(ctx, e, version) {
			return false
		}
	}
	return true
}
