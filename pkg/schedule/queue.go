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

// first returns the entry that is due first, and leaves it in the queue; nil where the queue is empty.
func (q *queue) first() (first *entry) {
	for _, h := range []entryHeap{q.yielded, q.waiting} {
		if len(h) > 0 && (first == nil || h[0].due.Before(first.due)) {
			first = h[0]
		}
	}
	return first
}

// entryHeap is a heap of entries by the time at which they are due. It implements heap.Interface, and keeps the index of each entry.
type entryHeap []*entry

// Len implements heap.Interface.
func (h entryHeap) Len() int { return len(h) }

// Less implements heap.Interface.
func (h entryHeap) Less(i, j int) bool { return h[i].due.Before(h[j].due) }

// Swap implements heap.Interface.
func (h entryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *entryHeap) Push(e any) {
	e.(*entry).index = len(*h)
	*h = append(*h, e.(*entry))
}

// Pop implements heap.Interface.
func (h *entryHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	e.index = notQueued
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
