package watchcache

import (
	"maps"
	"slices"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// name is that of an object.
type name struct{ namespace, name string }

// entry is an object that is served with its usage. It is immutable but for first.
type entry[O comparable, U any] struct {
	object O
	key    usage.Key
	used   *U
	// version is that of the usage, and since the one from which on the object has been served without a gap, as far as is known.
	version, since uint64
	// first is the object as watches begin with it, which many may do at the same time; nil before one has.
	first atomic.Pointer[runtime.Object]
}

// asFirst is the object as watches begin with it.
func (e *entry[O, U]) asFirst(r *Resource[O, U]) runtime.Object {
	if kept := e.first.Load(); kept != nil {
		return *kept
	}
	object := r.First(e.object, e.used)
	if !e.first.CompareAndSwap(nil, &object) {
		return *e.first.Load()
	}
	return object
}

// change is what became of one object. It is immutable and shared by all watchers.
type change[O comparable, U any] struct {
	// before and after are what is served of the object; nil where it is not served.
	before, after *entry[O, U]
	// object is after as it is sent; nil where after is.
	object runtime.Object
	// end is before as it is sent with the version of the change, to watchers that do not select after; nil where all that select before do.
	end runtime.Object
}

// state is what is served of all objects.
type state[O comparable, U any] struct {
	resource *Resource[O, U]
	objects  map[name]*entry[O, U]
	// version is that of the newest change that the state has, of this resource or another.
	version uint64
}

// newState returns what is served now. Events that come meanwhile are applied to it afterwards.
func newState[O comparable, U any](r *Resource[O, U], version uint64) *state[O, U] {
	s := &state[O, U]{resource: r, objects: map[name]*entry[O, U]{}, version: version}
	for o := range r.All() {
		used, _ := r.Cell(o).Load()
		if used == nil || !r.Serves(o, used) {
			continue
		}
		e := &entry[O, U]{object: o, key: r.Key(o), used: used, version: r.Version(used), since: version}
		s.objects[name{e.key.Namespace, e.key.Name}] = e
		s.version = max(s.version, e.version)
	}
	return s
}

// entries are what is served, in no order.
func (s *state[O, U]) entries() []*entry[O, U] {
	return slices.AppendSeq(make([]*entry[O, U], 0, len(s.objects)), maps.Values(s.objects))
}

// apply appends the changes that an event makes: two where an object takes the place of another of its name.
func (s *state[O, U]) apply(changes []*change[O, U], e *usage.Event) []*change[O, U] {
	s.version = max(s.version, e.ResourceVersion)
	used, ok := s.resource.Usage(*e)
	if !ok {
		return changes
	}
	of := name{e.Key.Namespace, e.Key.Name}
	before, after := s.objects[of], s.served(e, used)
	switch {
	case before != nil && e.ResourceVersion <= before.version:
		return changes // The state was built after this.
	case before != nil && !isSame(before.key, e.Key):
		if after == nil {
			return changes // About another object of the name, which is not served.
		}
		changes, before = append(changes, s.newChange(before, nil, e.ResourceVersion)), nil
	case before == nil && after == nil:
		return changes
	}
	if after == nil {
		delete(s.objects, of)
	} else {
		if before != nil {
			after.since = before.since
		}
		s.objects[of] = after
	}
	return append(changes, s.newChange(before, after, e.ResourceVersion))
}

// served is what the event publishes; nil where that is not served.
func (s *state[O, U]) served(e *usage.Event, used *U) *entry[O, U] {
	if used == nil {
		return nil
	}
	object, ok := s.resource.Find(e.Key.Namespace, e.Key.Name)
	if !ok {
		return nil
	}
	key := s.resource.Key(object)
	if !isSame(key, e.Key) || !s.resource.Serves(object, used) {
		return nil
	}
	return &entry[O, U]{object: object, key: key, used: used, version: e.ResourceVersion, since: e.ResourceVersion}
}

// isSame is true where two keys of one name are of the same object. The UID of a node may not be known.
func isSame(a, b usage.Key) bool { return a.UID == b.UID || a.UID == "" || b.UID == "" }

func (s *state[O, U]) newChange(before, after *entry[O, U], version uint64) *change[O, U] {
	c := &change[O, U]{before: before, after: after}
	if after != nil {
		c.object = s.resource.Shared(after.object, after.used)
	}
	if before != nil && (after == nil || after.object != before.object) {
		c.end = s.resource.Shared(before.object, s.resource.WithVersion(before.used, version))
	}
	return c
}
