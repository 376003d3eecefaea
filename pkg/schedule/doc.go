// Package schedule runs many periodic tasks on few goroutines. It knows nothing of what a task does: pkg/scrape gives it one task for each
// node, and no data passes through it.
//
// Scheduler is the implementation that the server uses. It divides time into ticks and runs the tasks that are due in one tick together,
// one after the other on one worker, because a context switch costs more than the work between two of them. A run that waits for a
// response yields: it is a coroutine, and a worker resumes it at the end of a later tick. A run that is blocked on I/O hands the other
// tasks over to another worker.
//
// The tests have a plain implementation with the same methods, which has one goroutine and one timer for each task. It is the oracle of the
// semantics; docs/performance.md compares the costs.
package schedule
