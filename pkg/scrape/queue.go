package scrape

import (
	"container/heap"
	"time"
)

// queue are the loops at which nobody looks at the moment: those that are due some time, and those whose looks rest.
type queue struct{ due, resting waiting }

// of is where a loop waits.
func (q *queue) of(l *loop) *waiting {
	if l.place.seat != nil {
		return &q.resting
	}
	return &q.due
}

func (q *queue) add(l *loop, at time.Time) {
	l.place.at = at
	heap.Push(q.of(l), l)
}

// move has a loop that waits wait for another time.
func (q *queue) move(l *loop, at time.Time) {
	l.place.at = at
	heap.Fix(q.of(l), l.place.index)
}

func (q *queue) remove(l *loop) { heap.Remove(q.of(l), l.place.index) }

// pop takes out the loop to turn to now; nil where there is none. A look that was begun goes first: its kubelet has done its work, its time
// runs, and whoever only begins looks ends none.
func (q *queue) pop(now time.Time) *loop {
	for _, w := range []*waiting{&q.resting, &q.due} {
		if len(*w) > 0 && !(*w)[0].place.at.After(now) {
			return heap.Pop(w).(*loop)
		}
	}
	return nil
}

// rested takes out a look that rests, whether or not its time has come; nil where none does.
func (q *queue) rested() *loop {
	if len(q.resting) == 0 {
		return nil
	}
	return heap.Pop(&q.resting).(*loop)
}

// first is the loop whose time comes first of all; nil where none waits.
func (q *queue) first() (l *loop) {
	for _, w := range []waiting{q.resting, q.due} {
		if len(w) > 0 && (l == nil || w[0].place.at.Before(l.place.at)) {
			l = w[0]
		}
	}
	return l
}
