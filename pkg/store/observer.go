package store

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Observer receives the changes of a store through a bounded queue. The store never waits for it: an observer that does not keep up loses
// events, and has to list again. One goroutine receives; the other methods are safe for concurrent use.
type Observer struct {
	publisher *publisher
	capacity  int

	mu    sync.Mutex
	queue []Event
	// resync is true where events were lost since the last batch.
	resync bool
	// dropped counts the events that were lost.
	dropped uint64
	// ready has an element where a batch is waiting.
	ready chan struct{}
}

// Batch is what has changed since the batch before it.
type Batch struct {
	// Resync is true where changes are missing: the receiver must list all objects and read their cells. That is so of the first batch,
	// and where the queue was full. Events that come after it may be older than what the receiver has listed: for each object, an event
	// whose resource version is not higher is to be left out.
	Resync bool
	// Events are in the order of their resource versions. They are the receiver's.
	Events []Event
}

// Observe registers an observer with a queue of so many events. The caller must close it. Usage that grows too old expires as an event
// while Start runs.
func (s *Store) Observe(capacity int) *Observer {
	o := &Observer{publisher: &s.publisher, capacity: capacity, resync: true, ready: make(chan struct{}, 1)}
	o.wake()
	s.publisher.add(o)
	s.scheduleAll()
	return o
}

// Receive waits for changes. The error is that of ctx.
func (o *Observer) Receive(ctx context.Context) (Batch, error) {
	select {
	case <-o.ready:
	case <-ctx.Done():
		return Batch{}, fmt.Errorf("observe the store: %w", context.Cause(ctx))
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	b := Batch{Resync: o.resync, Events: o.queue}
	o.resync, o.queue = false, nil
	return b, nil
}

// Dropped is how many events were lost because the queue was full.
func (o *Observer) Dropped() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dropped
}

// Close ends the observation.
func (o *Observer) Close() { o.publisher.remove(o) }

// enqueue adds an event, or nil for one that was not made. The publisher calls it, in the order of the versions.
func (o *Observer) enqueue(e *Event, version uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.resync:
		o.dropped++ // It is in the list that the receiver has still to make.
		return
	case e == nil || len(o.queue) >= o.capacity:
		o.dropped += uint64(len(o.queue)) + 1
		o.queue, o.resync = nil, true
	default:
		o.queue = append(o.queue, *e)
		o.queue[len(o.queue)-1].ResourceVersion = version
	}
	o.wake()
}

func (o *Observer) wake() {
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

func (p *publisher) isObserved() bool { return p.observed.Load() }

func (p *publisher) add(o *Observer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.observers = append(p.observers, o)
	p.observed.Store(true)
}

func (p *publisher) remove(o *Observer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.observers = slices.DeleteFunc(p.observers, func(other *Observer) bool { return other == o })
	p.observed.Store(len(p.observers) > 0)
}
