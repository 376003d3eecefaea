package store

import (
	"sync"
	"sync/atomic"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// maxResourceVersion bounds the resource versions that come from the clock: a client that reads them as floating-point numbers holds
// integers up to here. In microseconds that is the year 2255.
const maxResourceVersion = 1<<53 - 1

// publisher changes cells, one at a time, and hands out the resource versions in the order of these changes. It is safe for concurrent use.
type publisher struct {
	// mu is held for one change of one cell, and guards last and observers.
	mu sync.Mutex
	// last is the newest resource version, and visible the same once the change is in its cell.
	last    uint64
	visible atomic.Uint64
	// observers are notified of each change, and observed is true where there are some.
	observers []*Observer
	observed  atomic.Bool
}

// next returns a resource version that is higher than all before it and, where the clock allows that, the time in microseconds: so the
// versions of two replicas, or of one server before and after a restart, can be compared as far as their clocks agree. now is in Unix
// nanoseconds. The caller holds mu.
func (p *publisher) next(now int64) uint64 {
	p.last++
	if micros := now / 1000; micros > 0 && micros <= maxResourceVersion {
		p.last = max(p.last, uint64(micros))
	}
	return p.last
}

// start sets the version of an empty store.
func (p *publisher) start(now int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.visible.Store(p.next(now))
}

// resourceVersion is that of the newest change that is in its cell.
func (p *publisher) resourceVersion() uint64 { return p.visible.Load() }

// notify ends a change: it shows the version to readers, and the event to observers. An event that is nil was left out because there was
// no observer: one that has come since must list. The caller holds mu.
func (p *publisher) notify(e *Event) {
	p.visible.Store(p.last)
	for _, o := range p.observers {
		o.enqueue(e, p.last)
	}
}

// event returns an event about usage that is no longer served; nil where nothing observes the store.
func (p *publisher) event(t EventType, key Key) *Event {
	if !p.isObserved() {
		return nil
	}
	return &Event{Type: t, Key: key}
}

// forbid has a node that is gone publish nothing any more.
func (p *publisher) forbid(n *node) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n.gone.Store(true)
}

// publication is what the store has published of one object. It is guarded by the lock of its node.
type publication[T any] struct {
	// cell is where the usage is published; nil where the object is not known.
	cell *usage.Cell[T]
	// usage is what is published; nil where nothing is. fresh is when a scrape last confirmed it.
	usage *T
	fresh usage.Freshness
}

func (o *publication[T]) isPublished() bool { return o.usage != nil }

// publish replaces what is published, unless the node is gone: another of its name may publish in the same cells already. It sets the
// version of u. The event may be nil where nothing observes the store.
func (o *publication[T]) publish(p *put, u *T, version *uint64, f usage.Freshness, e *Event) {
	p.publisher.mu.Lock()
	defer p.publisher.mu.Unlock()
	if p.node.gone.Load() {
		return
	}
	*version = p.publisher.next(p.published)
	o.usage, o.fresh = u, f
	if o.cell != nil {
		o.cell.Publish(u, f)
	}
	p.expires = min(p.expires, p.staleness.Expiry(f))
	p.publisher.notify(e)
}

// confirm has what is published be served for longer. It is false where that is in the cell no longer.
func (o *publication[T]) confirm(p *put, f usage.Freshness) bool {
	if o.usage == nil || o.cell != nil && !o.cell.Confirm(o.usage, f) {
		return false
	}
	o.fresh = f
	p.expires = min(p.expires, p.staleness.Expiry(f))
	return true
}

// unpublish has nothing be served. That is no change where nothing was published, or where another node has published since.
func (o *publication[T]) unpublish(p *publisher, now int64, e *Event) {
	if o.usage == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if o.cell == nil || o.cell.Unpublish(o.usage) {
		p.next(now)
		p.notify(e)
	}
	o.usage, o.fresh = nil, usage.Freshness{}
}
