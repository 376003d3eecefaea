package schedule

import (
	"context"
	"time"
)

// startWorker adds a worker, which is idle. The caller holds mu.
func (s *Scheduler) startWorker(ctx context.Context) {
	s.idle++
	s.workers.Go(func() { s.work(ctx) })
}

// work is one worker: it waits for the timer, and then runs tasks for as long as some are due.
func (s *Scheduler) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.timer.C:
		}
		if stays := s.runDue(ctx); !stays {
			return
		}
	}
}

// runDue runs the tasks that are due, one after the other, and returns whether the worker goes on to wait for the timer.
func (s *Scheduler) runDue(ctx context.Context) (stays bool) {
	e := s.begin(ctx)
	stays = true
	for e != nil {
		done := e.coroutine.proceed()
		e, stays = s.next(ctx, e, done)
	}
	return stays
}

// begin turns an idle worker into a busy one and returns its first entry; nil where another worker was faster, or enough are busy. One worker
// stays idle to receive the next firing of the timer.
func (s *Scheduler) begin(ctx context.Context) *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle--
	s.busy++
	e := s.take(ctx)
	switch {
	case e == nil:
		s.idle++
		s.busy--
	case s.idle == 0:
		s.startWorker(ctx)
	}
	return e
}

// next puts back an entry whose run is done or has yielded, and returns the next one that is due. Where none is, or too many workers are busy,
// that is nil, and stays says whether the worker is needed as an idle one.
func (s *Scheduler) next(ctx context.Context, e *entry, done bool) (next *entry, stays bool) {
	now := time.Now()
	due := now.Add(minYield)
	s.mu.Lock()
	if done {
		due = s.endRun(e, now)
	}
	removed := done && e.removed
	if !removed {
		s.push(e, due)
	}
	next = s.take(ctx)
	stays = next != nil || s.becomeIdle()
	s.mu.Unlock()
	if removed {
		e.task.Close()
	}
	return next, stays
}

// endRun takes the coroutine from an entry whose run is done, and returns when the next run is due. The caller holds mu.
func (s *Scheduler) endRun(e *entry, now time.Time) time.Time {
	due, urgent := now.Add(e.coroutine.next), e.coroutine.urgent
	s.coroutines.detach(e)
	if !e.expedited.IsZero() && e.expedited.Before(due) {
		due, urgent = e.expedited, true
	}
	e.expedited = time.Time{}
	e.tick = Tick
	if urgent {
		e.tick = ShortTick
	}
	return due
}

// take takes out the entry that a worker turns to now, if there is one, and sets the timer for the one behind it. The caller holds mu, and
// the worker is counted as busy.
func (s *Scheduler) take(ctx context.Context) *entry {
	var e *entry
	if s.busy-s.blocked <= maxWorkers() && ctx.Err() == nil {
		e = s.queue.pop(time.Now())
	}
	if e != nil {
		if e.ctx == nil {
			e.ctx, e.cancel = context.WithCancel(ctx)
		}
		s.coroutines.attach(ctx, e)
	}
	s.resetTimer()
	return e
}

// becomeIdle counts a worker as idle, or as gone where enough are idle, and returns which. The caller holds mu.
func (s *Scheduler) becomeIdle() (stays bool) {
	s.busy--
	if s.idle >= maxWorkers() {
		return false
	}
	s.idle++
	return true
}
