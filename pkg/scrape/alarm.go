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
	if at, ok := r.queue.next(); ok && !at.After(now) {
		r.ringSoon(now)
	}
}

const (
	// slot divides time. What is due in a slot is done at its end: to wake up for each look alone would cost more than the look. Of
	// 1,000 nodes with a resolution of 15 seconds some seven share a slot.
	slot = 100 * time.Millisecond
	// pause is for how long a look leaves the kubelet to its answer at least: it goes on at the end of the next slot. By then the answer is
	// there as a whole, and nobody had to wake up for each part of it.
	pause = slot / 2
	// handover is how soon somebody else comes where a kubelet holds up whoever looks, or loops wait for more than a slot.
	handover = 2 * time.Millisecond
)

// arm sets the alarm. The caller holds mu.
func (r *rota) arm() {
	at, ok := r.queue.next()
	if !ok {
		r.rings = time.Time{}
		r.alarm.Stop()
		return
	}
	now := time.Now()
	if now.Sub(at) > slot {
		r.ringSoon(now)
		return
	}
	if !at.After(now) {
		at = now.Add(1) // This slot has ended: whoever looks comes to it, or somebody else at the end of the next.
	}
	r.ring(now, r.endOfSlot(at).Sub(now))
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

// endOfSlot is at itself where that is one.
func (r *rota) endOfSlot(at time.Time) time.Time {
	return r.begun.Add((at.Sub(r.begun) + slot - 1).Truncate(slot))
}
