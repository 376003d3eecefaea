package export

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// queue holds the payloads of one sink until they are delivered. It is bounded in bytes: where a new payload does not fit, the oldest ones are dropped that no
// sender has. Neither push nor another method but take waits.
type queue struct {
	limit int
	// dropped is called with each payload that was dropped; the queue is locked then.
	dropped func(p Payload, reason string)

	mu sync.Mutex
	// waiting and sending are what no sender has, in the order of the payloads, and what one has. Both count in bytes.
	waiting, sending []*queued
	bytes            int
	pushed           uint64
	// ready has an element where a payload may wait and a sender may not know.
	ready chan struct{}
	// closed is closed when the last payload was pushed.
	closed chan struct{}
}

// queued is a payload with its place in the order, and when it was pushed.
type queued struct {
	Payload
	number uint64
	since  time.Time
}

// The reasons of dropped.
const (
	queueFull = "queue_full"
	tooLarge  = "too_large"
	refused   = "refused"
	shutdown  = "shutdown"
)

func newQueue(limit int, dropped func(Payload, string)) *queue {
	return &queue{limit: limit, dropped: dropped, ready: make(chan struct{}, 1), closed: make(chan struct{})}
}

// push adds a payload.
func (q *queue) push(p Payload) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(p.Body) > q.limit {
		q.dropped(p, tooLarge)
		return
	}
	q.pushed++
	q.waiting = append(q.waiting, &queued{p, q.pushed, time.Now()})
	q.bytes += len(p.Body)
	for q.bytes > q.limit && len(q.waiting) > 0 {
		q.dropOldest(queueFull)
	}
	q.wake()
}

func (q *queue) dropOldest(reason string) {
	q.dropped(q.waiting[0].Payload, reason)
	q.bytes -= len(q.waiting[0].Body)
	q.waiting = slices.Delete(q.waiting, 0, 1)
}

func (q *queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take waits for the oldest payload, which the caller ends or returns. It is nil where ctx is done, or the queue is closed and empty.
func (q *queue) take(ctx context.Context) *queued {
	closed := q.closed
	for ctx.Err() == nil {
		if p, last := q.next(); p != nil || last {
			return p
		}
		select {
		case <-q.ready:
		case <-closed:
			closed = nil
		case <-ctx.Done():
		}
	}
	return nil
}

// next returns the oldest payload, if any, and whether none follows.
func (q *queue) next() (p *queued, last bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		select {
		case <-q.closed:
			if last = len(q.sending) == 0; last {
				q.wake() // The next sender that waits.
			}
			return nil, last
		default:
			return nil, false
		}
	}
	p = q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	q.sending = append(q.sending, p)
	if len(q.waiting) > 0 {
		q.wake() // Another sender.
	}
	return p, false
}

// end removes a payload that was taken.
func (q *queue) end(p *queued) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.remove(p)
	q.bytes -= len(p.Body)
	q.wake() // A sender may wait for the last one to end.
}

// giveBack has a payload that was taken be sent again, before those that came after it.
func (q *queue) giveBack(p *queued) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.remove(p)
	at, _ := slices.BinarySearchFunc(q.waiting, p, func(a, b *queued) int { return cmp.Compare(a.number, b.number) })
	q.waiting = slices.Insert(q.waiting, at, p)
	q.wake()
}

func (q *queue) remove(p *queued) {
	q.sending = slices.DeleteFunc(q.sending, func(other *queued) bool { return other == p })
}

// clear drops what was not delivered.
func (q *queue) clear(reason string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) > 0 {
		q.dropOldest(reason)
	}
}

// size returns how many bytes there are, and since when the oldest payload; zero where there is none.
func (q *queue) size() (bytes int, oldest time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) > 0 {
		oldest = q.waiting[0].since
	}
	for _, p := range q.sending {
		if oldest.IsZero() || p.since.Before(oldest) {
			oldest = p.since
		}
	}
	return q.bytes, oldest
}
