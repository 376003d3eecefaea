package store

import (
	"sync"
	"sync/atomic"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// maxResourceVersion bounds the resource versions that come from the clock: a client that reads them as floating-point numbers holds
// integers up to here. In microseconds that is the year 2255.
const maxResourceVersion = 1<<53 - 1

// publisher changes cells, one at a time, and assigns the resource versions in the order of these changes. It is safe for concurrent use.
type publisher struct {
	// mu is held for one change of one cell, and guards last and observers.
	mu sync.Mutex
	// last is the newest resource version, and visible the same once the change is in its cell.
	last    uint64
	visible atomic.Uint64
	// observers are notified of each change.
	observers []*usage.Observer
	// observed is true where there are observers; it is changed under mu.
	observed atomic.Bool
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

// prepare makes an event before mu is taken, where there are observers: what it costs follows from how many containers a pod has. Where the first
// observer comes a moment later, notify makes it.
func (p *publisher) prepare(event func() usage.Event) func() usage.Event {
	if !p.observed.Load() {
		return event
	}
	prepared := event()
	return func() usage.Event { return prepared }
}

// notify ends a change, which is in its cell by now: readers see its resource version, and observers receive the event, which is made only if
// there are any. The caller holds mu.
func (p *publisher) notify(event func() usage.Event) {
	p.visible.Store(p.last)
	if len(p.observers) == 0 {
		return
	}
	e := event()
	e.ResourceVersion = p.last
	for _, o := range p.observers {
		o.Enqueue(e)
	}
}

// publication is what the store has published of one object. It is guarded by the lock of its node.
type publication[T any] struct {
	// cell is where the usage is published; nil where the object is not known.
	cell *usage.Cell[T]
	// usage is what is published; nil where nothing is. fresh is when a scrape last confirmed it.
	usage *T
	fresh usage.Freshness
}

// isServed is true where what was published is still in its cell: another node may have published there since.
func (o *publication[T]) isServed() bool {
	if o.usage == nil || o.cell == nil {
		return o.usage != nil
	}
	served, _ := o.cell.Load()
	return served == o.usage
}

// publish replaces what is published, or confirms it where u is the same. It publishes nothing where the node is gone: another of its name may
// publish in the same cells already. It sets the version of u.
func (o *publication[T]) publish(p *pass, u *T, same bool, version *uint64, f usage.Freshness, event func() usage.Event) {
	if same && o.confirm(p, f) {
		return
	}
	event = p.publisher.prepare(event)
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
	p.publisher.notify(event)
}

// confirm has what is published be served for longer. It is false where that is in the cell no longer.
func (o *publication[T]) confirm(p *pass, f usage.Freshness) bool {
	if o.cell != nil && !o.cell.Confirm(o.usage, f) {
		return false
	}
	o.fresh = f
	p.expires = min(p.expires, p.staleness.Expiry(f))
	return true
}

// unpublish has nothing be served of the object of this key. That is no change where nothing was published, or where another node has
// published since.
func (o *publication[T]) unpublish(p *publisher, now int64, t usage.EventType, key usage.Key) {
	if o.usage == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if o.cell == nil || o.cell.Unpublish(o.usage) {
		p.next(now)
		p.notify(func() usage.Event { return usage.Event{Type: t, Key: key} })
	}
	o.usage, o.fresh = nil, usage.Freshness{}
}
