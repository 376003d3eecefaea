package schedule

import (
	"context"
	"sync"
	"time"
)

// plain has one goroutine and one timer for each task. It does what Scheduler does, without ticks, and at the cost of more context switches: it is
// the oracle of the semantics.
type plain struct {
	running sync.WaitGroup

	// mu guards what follows, and the entries.
	mu sync.Mutex
	// ctx is that of Start, and starts is true while that runs.
	ctx    context.Context
	starts bool
	// waiting are the entries that have no goroutine yet, and after how long the first run of each is due.
	waiting map[*plainEntry]time.Duration
}

// newPlain returns a scheduler without tasks.
func newPlain() *plain { return &plain{waiting: map[*plainEntry]time.Duration{}} }

// Add takes a task in, as Scheduler.Add does.
func (p *plain) Add(task Task, after time.Duration) Entry {
	e := &plainEntry{plain: p, task: task, timer: time.NewTimer(after)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting[e] = after
	p.startWaiting()
	return e
}

// Start runs the tasks, as Scheduler.Start does.
func (p *plain) Start(ctx context.Context) error {
	p.set(ctx, true)
	<-ctx.Done()
	p.set(ctx, false)
	p.running.Wait()
	return nil
}

func (p *plain) set(ctx context.Context, starts bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ctx, p.starts = ctx, starts
	p.startWaiting()
}

// startWaiting starts the goroutines of the entries that have none, while Start runs. The caller holds mu.
func (p *plain) startWaiting() {
	if !p.starts {
		return
	}
	for e, after := range p.waiting {
		ctx, cancel := context.WithCancel(p.ctx)
		e.cancel = cancel
		e.dueBy(after)
		p.running.Go(func() { e.loop(ctx) })
	}
	clear(p.waiting)
}

type plainEntry struct {
	plain *plain
	task  Task
	timer *time.Timer
	// due is when the timer fires; zero while a run is under way that no Expedite follows yet.
	due time.Time
	// cancel ends the goroutine; nil where there is none.
	cancel context.CancelFunc
}

// loop runs the task until ctx is done.
func (e *plainEntry) loop(ctx context.Context) {
	defer e.task.Close()
	for e.wait(ctx) {
		next, _ := e.task.Run(ctx, plainWorker{})
		e.plain.mu.Lock()
		e.dueBy(next)
		e.plain.mu.Unlock()
	}
}

// wait returns true when a run is due, and false when ctx is done.
func (e *plainEntry) wait(ctx context.Context) bool {
	select {
	case <-e.timer.C:
	case <-ctx.Done():
	}
	e.plain.mu.Lock()
	defer e.plain.mu.Unlock()
	e.due = time.Time{}
	return ctx.Err() == nil
}

// dueBy makes the next run due after a while at the latest. The caller holds the lock of plain.
func (e *plainEntry) dueBy(after time.Duration) {
	if due := time.Now().Add(after); e.due.IsZero() || due.Before(e.due) {
		e.due = due
		e.timer.Reset(after)
	}
}

// Expedite implements Entry.
func (e *plainEntry) Expedite(after time.Duration) {
	e.plain.mu.Lock()
	defer e.plain.mu.Unlock()
	if e.cancel != nil {
		e.dueBy(after)
	}
}

// Remove implements Entry.
func (e *plainEntry) Remove() {
	if waited := e.leave(); waited {
		e.task.Close()
	}
}

// leave ends the goroutine of the entry. It returns true where there is none, and the caller has to close the task.
func (e *plainEntry) leave() (waited bool) {
	e.plain.mu.Lock()
	defer e.plain.mu.Unlock()
	if e.cancel != nil {
		e.cancel()
	}
	_, waited = e.plain.waiting[e]
	delete(e.plain.waiting, e)
	return waited
}

// plainWorker is the Worker of a run that has a goroutine of its own.
type plainWorker struct{}

// Yield implements Worker.
func (plainWorker) Yield() {}

// Blocked implements Worker.
func (plainWorker) Blocked(bool) {}
