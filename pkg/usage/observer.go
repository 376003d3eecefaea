package usage

import (
	"context"
	"fmt"
	"iter"
	"sync"
)

// Observer receives the changes of what is served through a bounded queue. The publisher never waits for it: an observer that does not keep
// up loses events, and then has to take everything that is served from [Observer.All]. One goroutine calls Receive; the other methods are
// safe for concurrent use.
type Observer struct {
	capacity int
	all      iter.Seq[Event]
	closed   func(*Observer)

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
	// Resync is true in the first batch, and where the queue was full: changes are missing. The receiver forgets what it has of all objects
	// and takes [Observer.All] in its place, before it applies Events.
	Resync bool
	// Events are in the order of their resource versions. They are the receiver's. After a resync the receiver already has some of them from
	// All: it ignores an event whose resource version is not higher than the one that it has of the same object.
	Events []Event
}

// NewObserver returns an observer with a queue of so many events. The publisher supplies all, which iterates over everything that is served,
// and closed, which ends the calls of Enqueue. The store's Observe calls it.
func NewObserver(capacity int, all iter.Seq[Event], closed func(*Observer)) *Observer {
	o := &Observer{capacity: capacity, all: all, closed: closed, resync: true, ready: make(chan struct{}, 1)}
	o.wake()
	return o
}

// Receive waits for changes. A batch that is waiting is returned even if ctx is done; the error is the cause of ctx.
func (o *Observer) Receive(ctx context.Context) (Batch, error) {
	select {
	case <-o.ready:
	default:
		select {
		case <-o.ready:
		case <-ctx.Done():
			return Batch{}, fmt.Errorf("observe usage: %w", context.Cause(ctx))
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	b := Batch{Resync: o.resync, Events: o.queue}
	// The next batch mostly has about as many.
	o.resync, o.queue = false, make([]Event, 0, min(len(b.Events), maxReserved))
	return b, nil
}

// maxReserved bounds the events for which there is room before they come.
const maxReserved = 4096

// All iterates over everything that is served, as events of the type Published in no order. Accepted has the newest readings, which may be
// newer than the usage beside them. What changes meanwhile is among the events of the next batch.
func (o *Observer) All() iter.Seq[Event] { return o.all }

// Dropped is how many events were lost because the queue was full.
func (o *Observer) Dropped() uint64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dropped
}

// Close ends the observation.
func (o *Observer) Close() { o.closed(o) }

// Enqueue adds an event, and never waits. The publisher calls it in the order of the resource versions.
func (o *Observer) Enqueue(e Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.resync:
		o.dropped++ // The receiver finds it in All.
		return
	case len(o.queue) >= o.capacity:
		o.dropped += uint64(len(o.queue)) + 1
		o.queue, o.resync = nil, true
	default:
		o.queue = append(o.queue, e)
	}
	o.wake()
}

func (o *Observer) wake() {
	select {
	case o.ready <- struct{}{}:
	default:
	}
}
