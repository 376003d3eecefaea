package schedule

import (
	"context"
	"time"
)

// Task is work that recurs. Its methods are called by one goroutine at a time, which may be a different one for each call.
type Task interface {
	// Run does the work once. ctx is done when the task is removed or the scheduler stops; w may be used until Run returns. The next run
	// is due next after this one has returned. It is urgent where something waits for its result: then it starts at the end of a shorter
	// tick.
	Run(ctx context.Context, w Worker) (next time.Duration, urgent bool)
	// Close releases what the task keeps from one run to the next. It is called once: after the task has been removed or the scheduler
	// has stopped, when no run is under way and none follows.
	Close()
}

// Worker is the run's side of the worker that executes it: by these methods a run lets the worker turn to other tasks while the run waits. The scheduler
// implements it; only the run itself may call it, until Run returns.
type Worker interface {
	// Yield lets the worker run other tasks for a while. It returns when the worker comes back to this run, also where the context of the
	// run is done.
	Yield()
	// Blocked reports that the run begins to be blocked on something outside of this process, or that it ceases to be. Each true is
	// followed by a false before the run yields or returns.
	Blocked(is bool)
}

// Entry is a task in a scheduler. Its methods are safe for concurrent use.
type Entry interface {
	// Expedite makes the next run due after a while at the latest, as an urgent one; at once where that is not positive. A run that is
	// under way is not the next run, and is waited for. Before the scheduler is started Expedite has no effect.
	Expedite(after time.Duration)
	// Remove takes the task out of the scheduler. No run begins after it has returned. It does not wait for a run that is under way: the
	// context of that run is done.
	Remove()
}
