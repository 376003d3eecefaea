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

// resetTimer sets the timer to the end of the tick of the entry that is due first. The caller holds mu.
func (s *Scheduler) resetTimer() {
	first := s.queue.first()
	if first == nil || s.started.IsZero() {
		s.fires = time.Time{}
		s.timer.Stop()
		return
	}
	now, at, tick := time.Now(), first.due, first.tick
	if now.Sub(at) > tick {
		s.fireSoon(now)
		return
	}
	if !at.After(now) {
		at = s.endOfTick(tick, now.Add(1)) // A worker that is busy comes to it, or another one at the end of the next tick.
	}
	s.fireIn(now, at.Sub(now))
}

// fireSoon has another worker come. It does not put off a timer that fires soon: the workers that are busy call it more often than that.
// The caller holds mu.
func (s *Scheduler) fireSoon(now time.Time) {
	if left := s.fires.Sub(now); left <= 0 || left > handover {
		s.fireIn(now, handover)
	}
}

// fireIn sets the timer. The caller holds mu.
func (s *Scheduler) fireIn(now time.Time, after time.Duration) {
	s.fires = now.Add(after)
	s.timer.Reset(after)
}

// setBlocked counts the worker that executes a run as blocked, or no longer. Where other tasks are due, another worker comes if the worker
// stays blocked.
func (s *Scheduler) setBlocked(is bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !is {
		s.blocked--
		return
	}
	s.blocked++
	now := time.Now()
	if first := s.queue.first(); first != nil && !first.due.After(now) {
		s.fireSoon(now)
	}
}
