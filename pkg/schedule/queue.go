package schedule

import (
	"container/heap"
	"time"
)

// notQueued is the index of an entry that is in no heap: a worker has it, or it was removed.
const notQueued = -1

// queue holds the entries that no worker has: those whose next run is due some time, and those whose run has yielded.
type queue struct{ waiting, yielded entryHeap }

// heapOf returns the heap of an entry: a run that has yielded keeps its coroutine.
func (q *queue) heapOf(e *entry) *entryHeap {
	if e.coroutine != nil {
		return &q.yielded
	}
	return &q.waiting
}

func (q *queue) push(e *entry, due time.Time) {
	e.due = due
	heap.Push(q.heapOf(e), e)
}

// move changes when an entry of the queue is due.
func (q *queue) move(e *entry, due time.Time) {
	e.due = due
	heap.Fix(q.heapOf(e), e.index)
}

func (q *queue) remove(e *entry) { heap.Remove(q.heapOf(e), e.index) }

// pop takes out the entry to run now, or returns nil. Runs that have yielded come first: what they waited for is done and their deadlines
// approach, and a worker that only began new runs would never end one.
func (q *queue) pop(now time.Time) *entry {
	for _, h := range []*entryHeap{&q.yielded, &q.waiting} {
		if len(*h) > 0 && !(*h)[0].due.After(now) {
			return heap.Pop(h).(*entry)
		}
	}
	return nil
}

// popYielded takes out an entry whose run has yielded, due or not; nil where there is none.
func (q *queue) popYielded() *entry { return popAny(&q.yielded) }

// popWaiting takes out an entry that waits for its next run, due or not; nil where there is none.
func (q *queue) popWaiting() *entry { return popAny(&q.waiting) }

func popAny(h *entryHeap) *entry {
	if len(*h) == 0 {
		return nil
	}
	return heap.Pop(h).(*entry)
}

// first returns the entry that is due first, and leaves it in the queue; nil where the queue is empty.
func (q *queue) first() (first *entry) {
	for _, h := range []entryHeap{q.yielded, q.waiting} {
		if len(h) > 0 && (first == nil || h[0].due.Before(first.due)) {
			first = h[0]
		}
	}
	return first
}
