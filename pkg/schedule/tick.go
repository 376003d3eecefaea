package schedule

import (
	"runtime"
	"time"
)

const (
	// Tick divides time: a task that is due within a tick is run at its end, together with the other tasks of the tick. A timer for each
	// task would cost more than the work. Of 1,000 tasks with a period of 15 seconds some seven share a tick.
	Tick = 100 * time.Millisecond
	// ShortTick is the tick of urgent runs: the first run of a task, one that its predecessor called urgent, and one that was expedited.
	ShortTick = Tick / 5
	// minYield is how long a run that yields is left alone at least. It is resumed at the end of a tick. By then what the run waits for is
	// usually there as a whole, so that no worker has to be woken for each part of it.
	minYield = Tick / 2
	// handover is how soon another worker takes over the tasks that are due: where the worker is blocked, or where they have waited for
	// more than a tick.
	handover = 2 * time.Millisecond
)

// maxWorkers is how many workers may run tasks at once, besides those that are blocked. More workers would compete for the cores, and each
// run that has begun would take longer.
func maxWorkers() int { return 2 * runtime.GOMAXPROCS(0) }

// endOfTick returns the end of the tick of a length that contains at; at itself where it is the end of a tick.
func (s *Scheduler) endOfTick(length time.Duration, at time.Time) time.Time {
	return s.started.Add((at.Sub(s.started) + length - 1).Truncate(length))
}
