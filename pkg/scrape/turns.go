package scrape

import "time"

// join has a loop look for the first time, after a while.
func (r *rota) join(l *loop, after time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.place.every = shortSlot
	r.add(l, time.Now().Add(after))
	r.arm()
}

// hasten has a loop look after a while at the latest, but not before the look that goes on has ended.
func (r *rota) hasten(l *loop, after time.Duration) {
	at := time.Now().Add(after)
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &l.place
	switch {
	case p.seat != nil:
		if p.sooner.IsZero() || at.Before(p.sooner) {
			p.sooner = at
		}
	case p.index >= 0 && at.Before(p.at):
		p.every = shortSlot
		if after > 0 {
			at = r.endOf(p.every, at)
		}
		r.queue.move(l, at)
		if r.arm(); after <= 0 {
			r.ring(at, 0) // Somebody waits for it: no slot has to end.
		}
	}
}

// leave has a loop look no more. It is true where no look is under way. One that is has been cancelled, and whoever works on it closes the
// connection when it ends.
func (r *rota) leave(l *loop) (idle bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &l.place
	if p.cancel != nil {
		p.cancel()
	}
	switch {
	case p.seat != nil:
		p.left = true
		if p.index >= 0 { // It rests: it has nothing to wait for any more.
			now := time.Now()
			r.queue.move(l, now)
			r.ring(now, 0)
		}
	case p.index >= 0:
		r.queue.remove(l)
		r.arm()
	}
	return p.seat == nil
}
