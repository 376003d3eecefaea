package scrape

import "time"

// holdUp tells that a kubelet holds somebody up from now on, or no longer. Where other loops are due, somebody else comes if it lasts.
func (r *rota) holdUp(held bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !held {
		r.heldUp--
		return
	}
	r.heldUp++
	now := time.Now()
	if first := r.queue.first(); first != nil && !first.place.at.After(now) {
		r.ringSoon(now)
	}
}

const (
	// slot divides time. What is due in a slot is done at its end: to wake up for each look alone would cost more than the look. Of
	// 1,000 nodes with a resolution of 15 seconds some seven share a slot.
	slot = 100 * time.Millisecond
	// shortSlot is that of looks for which somebody waits: the first at a node, one at what is new there, or where it has moved.
	shortSlot = slot / 5
	// pause is for how long a look leaves the kubelet to its answer at least: it goes on at the end of a slot. By then the answer is there as a
	// whole, and nobody had to wake up for each part of it.
	pause = slot / 2
	// handover is how soon somebody else comes where a kubelet holds up whoever looks, or loops wait for more than a slot.
	handover = 2 * time.Millisecond
)

// arm sets the alarm. The caller holds mu.
func (r *rota) arm() {
	first := r.queue.first()
	if first == nil {
		r.rings = time.Time{}
		r.alarm.Stop()
		return
	}
	now, at, every := time.Now(), first.place.at, first.place.every
	if now.Sub(at) > every {
		r.ringSoon(now)
		return
	}
	if !at.After(now) {
		at = r.endOf(every, now.Add(1)) // Whoever looks comes to it, or somebody else at the end of the next slot.
	}
	r.ring(now, at.Sub(now))
}

// ringSoon has somebody else come. It puts nothing off that rings soon anyhow: those who work come by more often than that.
func (r *rota) ringSoon(now time.Time) {
	if left := r.rings.Sub(now); left <= 0 || left > handover {
		r.ring(now, handover)
	}
}

func (r *rota) ring(now time.Time, after time.Duration) {
	r.rings = now.Add(after)
	r.alarm.Reset(after)
}

// endOf is the end of the slot of a length in which a time is; the time itself where it is the end of one.
func (r *rota) endOf(length time.Duration, at time.Time) time.Time {
	return r.begun.Add((at.Sub(r.begun) + length - 1).Truncate(length))
}

// add has a loop wait for a time, or for the end of its slot. The caller holds mu.
func (r *rota) add(l *loop, at time.Time) {
	r.queue.add(l, r.endOf(l.place.every, at))
}
