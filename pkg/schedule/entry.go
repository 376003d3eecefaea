package schedule

import (
	"context"
	"time"
)

// entry is a task in a Scheduler, whose mu guards all fields that change.
type entry struct {
	scheduler *Scheduler
	task      Task
	// due is when the next run is due or, where it has yielded, is resumed; index is the place in the heap.
	due   time.Time
	index int
	// tick is the length of the ticks at whose ends that happens.
	tick time.Duration
	// coroutine executes the run that is under way; nil where none is.
	coroutine *coroutine
	// ctx and cancel are of all runs of the task; nil before the first.
	ctx    context.Context
	cancel context.CancelFunc
	// expedited is when the next run is due at the latest; zero where the task alone decides. It is set while a run is under way.
	expedited time.Time
	// removed is true once the task was removed or the scheduler is drained: then no further run begins, and the task is closed when none is under way.
	removed bool
}

// Expedite implements Entry.
func (e *entry) Expedite(after time.Duration) {
	s := e.scheduler
	due := time.Now().Add(after)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.started.IsZero():
	case e.coroutine != nil:
		if e.expedited.IsZero() || due.Before(e.expedited) {
			e.expedited = due
		}
	case e.index != notQueued && due.Before(e.due):
		e.tick = ShortTick
		if after > 0 {
			due = s.endOfTick(e.tick, due)
		}
		s.queue.move(e, due)
		s.resetTimer()
		if after <= 0 {
			s.fireIn(due, 0) // The run is not delayed to the end of a tick.
		}
	}
}

// Remove implements Entry.
func (e *entry) Remove() {
	if idle := e.leave(); idle {
		e.task.Close() // Without the lock of the scheduler: a task may wait.
	}
}

// leave takes the entry out of the queue, and returns whether the caller has to close the task. A run that is under way has its context cancelled, and
// the worker that ends it closes the task.
func (e *entry) leave() (idle bool) {
	s := e.scheduler
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.cancel != nil {
		e.cancel()
	}
	idle = e.coroutine == nil && !e.removed
	e.removed = true
	switch {
	case e.coroutine != nil:
		if e.index != notQueued { // The run has yielded, and need not wait any more.
			now := time.Now()
			s.queue.move(e, now)
			s.fireIn(now, 0)
		}
	case e.index != notQueued:
		s.queue.remove(e)
		s.resetTimer()
	}
	return idle
}
