package schedule

import "time"

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
