package schedule

import (
	"context"
	"sync"
	"time"
)

// Scheduler runs each task when it is due, on workers that belong to no task. A run that yields is resumed by any worker, mostly the one that
// ran other tasks in between. So there are few workers, and more only where runs are blocked.
type Scheduler struct {
	workers sync.WaitGroup
	// timer fires when the first entry of the queue is due. The one worker that receives it runs all tasks that are due, one after the
	// other: no worker has to wake another.
	timer *time.Timer

	// mu guards what follows, and the entries.
	mu sync.Mutex
	// started is when Start was called, and when the first tick began; zero before.
	started time.Time
	queue   queue
	// fires is when the timer fires or has fired; zero where it is stopped.
	fires      time.Time
	coroutines coroutinePool
	// idle is how many workers wait for the timer: at least one, from Start on. busy is how many run tasks, and blocked how many of these
	// are blocked.
	idle, busy, blocked int
}

// New returns a scheduler without tasks.
func New() *Scheduler {
	timer := time.NewTimer(0)
	timer.Stop()
	return &Scheduler{timer: timer}
}

// Add takes a task in. Its first run is due after a while, which counts from Start where that has not been called.
func (s *Scheduler) Add(task Task, after time.Duration) Entry {
	e := &entry{scheduler: s, task: task, index: notQueued, tick: ShortTick}
	s.mu.Lock()
	defer s.mu.Unlock()
	var now time.Time // The zero time stands for Start.
	if !s.started.IsZero() {
		now = time.Now()
	}
	s.push(e, now.Add(after))
	s.resetTimer()
	return e
}

// Start runs the tasks until ctx is done and all runs have returned, and then closes the tasks. It is called once.
func (s *Scheduler) Start(ctx context.Context) error {
	s.mu.Lock()
	s.started = time.Now()
	for _, e := range s.queue.waiting { // Their order stays.
		e.due = s.started.Add(e.due.Sub(time.Time{}))
	}
	s.startWorker(ctx)
	s.resetTimer()
	s.mu.Unlock()
	<-ctx.Done()
	s.workers.Wait()
	s.drain()
	return nil
}

// drain ends the runs that have yielded, whose contexts are done, and closes all tasks. No worker is left.
func (s *Scheduler) drain() {
	for e := s.takeAny(); e != nil; e = s.takeAny() {
		if c := e.coroutine; c != nil {
			for !c.proceed() {
			}
			c.stop()
		}
		e.task.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.coroutines {
		c.stop()
	}
	s.coroutines = nil
}

// takeAny takes an entry out of the queue, due or not; nil where that is empty.
func (s *Scheduler) takeAny() *entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.queue.first()
	if first == nil {
		return nil
	}
	e := s.queue.pop(first.due)
	e.removed = true
	return e
}

// push has an entry wait until the end of the tick of due. The caller holds mu.
func (s *Scheduler) push(e *entry, due time.Time) { s.queue.push(e, s.endOfTick(e.tick, due)) }
