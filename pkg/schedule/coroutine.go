package schedule

import (
	"context"
	"iter"
	"time"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

// coroutine executes runs, one after the other, on a stack of its own, which is kept while a run yields. To resume it costs less than to
// wake a goroutine. It implements Worker for the run that it executes.
type coroutine struct {
	scheduler *Scheduler
	// entry is the one whose task runs; it changes only between two runs.
	entry *entry
	// next and urgent are what the latest run returned.
	next   time.Duration
	urgent bool
	// yield stops the coroutine until it is resumed. It returns false where the coroutine has to end.
	yield  func(done bool) bool
	resume func() (done, ok bool)
	stop   func()
}

func newCoroutine(ctx context.Context, s *Scheduler) *coroutine {
	c := &coroutine{scheduler: s}
	c.resume, c.stop = iter.Pull(func(yield func(done bool) bool) {
		// The panic of a task goes on and ends the process, but iter.Pull would lose where it came from.
		defer utilruntime.HandleCrashWithContext(ctx)
		c.yield = yield
		for open := true; open; open = yield(true) {
			c.next, c.urgent = c.entry.task.Run(c.entry.ctx, c)
		}
	})
	return c
}

// proceed begins a run or resumes it, until it yields or is done. One goroutine at a time may call it.
func (c *coroutine) proceed() (done bool) {
	done, _ = c.resume()
	return done
}

// Yield implements Worker.
func (c *coroutine) Yield() { c.yield(false) }

// Blocked implements Worker.
func (c *coroutine) Blocked(is bool) { c.scheduler.setBlocked(is) }

// maxFree is how many coroutines are kept for the next runs: a new one has to grow its stack first.
const maxFree = 64

// coroutinePool holds the coroutines that execute no run.
type coroutinePool []*coroutine

// attach gives an entry a coroutine, unless it has one.
func (p *coroutinePool) attach(ctx context.Context, e *entry) {
	if e.coroutine != nil {
		return
	}
	if last := len(*p) - 1; last < 0 {
		e.coroutine = newCoroutine(ctx, e.scheduler)
	} else {
		e.coroutine, *p = (*p)[last], (*p)[:last]
	}
	e.coroutine.entry = e
}

// detach takes the coroutine from an entry whose run is done.
func (p *coroutinePool) detach(e *entry) {
	free := e.coroutine
	e.coroutine, free.entry = nil, nil
	if len(*p) < maxFree {
		*p = append(*p, free)
	} else {
		free.stop()
	}
}
