package scrape

import (
	"container/heap"
	"context"
	"runtime"
	"sync"
	"time"
)

// rota has each loop look when its time has come, by goroutines that belong to none. A look rests while its kubelet makes an answer: then
// whoever has time goes on with it, mostly the same goroutine that looks at others in between. So there are few of these, and more only
// where kubelets keep them waiting for longer.
type rota struct {
	group sync.WaitGroup
	// alarm rings at the end of the slot in which the first that waits is due. Whoever hears it looks at all that are due, one
	// after the other: no goroutine has to wake another.
	alarm *time.Timer
	// begun is when the first slot began.
	begun time.Time

	// mu guards what follows, and each loop's place.
	mu      sync.Mutex
	waiting waiting
	// seats are those where nobody looks.
	seats []*seat
	// idle is how many goroutines listen for the alarm: at least one, from run on.
	idle int
}

// place is what the rota knows of a loop.
type place struct {
	// at is when the loop is due, or when its look goes on; index is where it waits for that, -1 where it does not.
	at    time.Time
	index int
	// seat is where it looks; nil where it does not.
	seat *seat
	// ctx and cancel are there from the first look on.
	ctx    context.Context
	cancel context.CancelFunc
	// sooner is when the next look is due at the latest; zero for in turn. It is set while the loop looks.
	sooner time.Time
	// left is closed when the look ends after which the loop is gone; nil where it stays.
	left chan struct{}
}

func newRota() *rota {
	alarm := time.NewTimer(0)
	alarm.Stop()
	return &rota{alarm: alarm, begun: time.Now()}
}

// run has loops look until ctx is done and nobody looks any more.
func (r *rota) run(ctx context.Context) {
	r.mu.Lock()
	r.hire(ctx)
	r.arm()
	r.mu.Unlock()
	<-ctx.Done()
	r.group.Wait()
	r.close()
}

// close ends the looks that rest, and closes the seats. Nobody works any more, and the context of all looks is done.
func (r *rota) close() {
	for _, l := range r.waiting {
		for l.place.seat != nil && !l.place.seat.look() {
		}
		r.stand(l)
	}
	for _, s := range r.seats {
		s.close()
	}
	r.seats = nil
}

// hire adds a goroutine. The caller holds mu.
func (r *rota) hire(ctx context.Context) {
	r.idle++
	r.group.Go(func() { r.work(ctx) })
}

func (r *rota) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.alarm.C:
		}
		l := r.first(ctx)
		if l == nil {
			continue
		}
		for l != nil {
			l = r.another(ctx, l, l.place.seat.look())
		}
		if !r.rest() {
			return
		}
	}
}

// first is the loop that is due, for one that was idle; nil where another was faster. Somebody stays to hear the next alarm.
func (r *rota) first(ctx context.Context) *loop {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := r.take(ctx)
	if l == nil {
		return nil
	}
	if r.idle--; r.idle == 0 {
		r.hire(ctx)
	}
	return l
}

// another puts back the loop that has looked, over or to go on, and is the next that is due; nil where none is.
func (r *rota) another(ctx context.Context, l *loop, over bool) *loop {
	now := time.Now()
	at := now.Add(pause)
	if over {
		at = now.Add(l.wait())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p := &l.place
	if over {
		r.stand(l)
		if p.left != nil {
			close(p.left)
			return r.take(ctx)
		}
		if !p.sooner.IsZero() && p.sooner.Before(at) {
			at = p.sooner
		}
		p.sooner = time.Time{}
	}
	p.at = at
	heap.Push(&r.waiting, l)
	return r.take(ctx)
}

// take is the first loop, if it is due, and sets the alarm for the one behind. The caller holds mu.
func (r *rota) take(ctx context.Context) (l *loop) {
	if len(r.waiting) > 0 && !r.waiting[0].place.at.After(time.Now()) && ctx.Err() == nil {
		l = heap.Pop(&r.waiting).(*loop)
		if l.place.ctx == nil {
			l.place.ctx, l.place.cancel = context.WithCancel(ctx)
		}
		r.sit(l)
	}
	r.arm()
	return l
}

// spare is how many seats stay for the next looks: a seat that is new has to grow its stack first.
const spare = 64

// sit gives a loop a seat, unless it has one. The caller holds mu.
func (r *rota) sit(l *loop) {
	if l.place.seat != nil {
		return
	}
	last := len(r.seats) - 1
	if last < 0 {
		l.place.seat = newSeat()
	} else {
		l.place.seat, r.seats = r.seats[last], r.seats[:last]
	}
	l.place.seat.loop = l
}

// stand takes the seat, if there is one, from a loop whose look is over. The caller holds mu.
func (r *rota) stand(l *loop) {
	s := l.place.seat
	if s == nil {
		return
	}
	l.place.seat, s.loop = nil, nil
	if len(r.seats) < spare {
		r.seats = append(r.seats, s)
	} else {
		s.close()
	}
}

const (
	// slot divides time. What is due in a slot is done at its end: to wake up for each look alone would cost more than the look. Of
	// 1,000 nodes with a resolution of 15 seconds some seven share a slot.
	slot = 100 * time.Millisecond
	// pause is for how long a look leaves the kubelet to its answer at least: it goes on at the end of the next slot. By then the answer is
	// there as a whole, and nobody had to wake up for each part of it.
	pause = slot / 2
	// handover is how soon somebody else comes where kubelets answer so slowly that loops wait for more than a slot.
	handover = 2 * time.Millisecond
)

// arm sets the alarm. The caller holds mu.
func (r *rota) arm() {
	if len(r.waiting) == 0 {
		r.alarm.Stop()
		return
	}
	now, at := time.Now(), r.waiting[0].place.at
	if now.Sub(at) > slot {
		r.alarm.Reset(handover)
		return
	}
	if !at.After(now) {
		at = now.Add(1) // This slot has ended: whoever looks comes to it, or somebody else at the end of the next.
	}
	r.alarm.Reset(r.endOfSlot(at).Sub(now))
}

// endOfSlot is at itself where that is one.
func (r *rota) endOfSlot(at time.Time) time.Time {
	return r.begun.Add((at.Sub(r.begun) + slot - 1).Truncate(slot))
}

// rest is false where enough others are idle.
func (r *rota) rest() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.idle >= 2*runtime.GOMAXPROCS(0) {
		return false
	}
	r.idle++
	return true
}

// join has a loop look after a while.
func (r *rota) join(l *loop, after time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.place.at = time.Now().Add(after)
	heap.Push(&r.waiting, l)
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
		p.at = at
		heap.Fix(&r.waiting, p.index)
		if r.arm(); after <= 0 {
			r.alarm.Reset(0) // Somebody waits for it: no slot has to end.
		}
	}
}

// leave has a loop look no more. It returns when its look, if one goes on, has ended.
func (r *rota) leave(l *loop) {
	r.mu.Lock()
	p := &l.place
	if p.cancel != nil {
		p.cancel()
	}
	switch {
	case p.seat != nil:
		p.left = make(chan struct{})
		if p.index >= 0 { // It rests: it has nothing to wait for any more.
			p.at = time.Now()
			heap.Fix(&r.waiting, p.index)
			r.alarm.Reset(0)
		}
	case p.index >= 0:
		heap.Remove(&r.waiting, p.index)
		r.arm()
	}
	r.mu.Unlock()
	if p.left != nil {
		<-p.left
	}
}
