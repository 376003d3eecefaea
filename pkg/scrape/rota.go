package scrape

import (
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
	// alarm rings when the first that waits is due. Whoever hears it looks at all that are due, one after the other: no goroutine has
	// to wake another.
	alarm *time.Timer
	// begun is when the first slot began.
	begun time.Time

	// mu guards what follows, and each loop's place.
	mu    sync.Mutex
	queue queue
	// rings is when the alarm last set rings, or rang.
	rings time.Time
	seats seats
	// idle is how many goroutines listen for the alarm: at least one, from run on. The others work, and so many of them are held up
	// by a kubelet.
	idle, working, heldUp int
}

// place is what the rota knows of a loop.
type place struct {
	// at is when the loop is due, or when its look goes on; index is where it waits for that, -1 where it does not.
	at    time.Time
	index int
	// every is the length of the slots at whose ends that is.
	every time.Duration
	// seat is where it looks; nil where it does not.
	seat *seat
	// ctx and cancel are there from the first look on.
	ctx    context.Context
	cancel context.CancelFunc
	// sooner is when the next look is due at the latest; zero for in turn. It is set while the loop looks.
	sooner time.Time
	// left is true where the loop is gone when its look ends.
	left bool
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
	for l := r.rested(); l != nil; l = r.rested() {
		for !l.place.seat.look() {
		}
		r.mu.Lock()
		r.end(l, time.Time{}, false)
		r.mu.Unlock()
		l.end.Do(l.line.hangUp)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seats.close()
}

// rested takes out a look that rests, for when nobody works any more: its context is done, and it ends once it is gone on with.
func (r *rota) rested() *loop {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.queue.rested()
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
		stays := true
		for l != nil {
			l, stays = r.another(ctx, l, l.place.seat.look())
		}
		if !stays {
			return
		}
	}
}

// first is the loop that is due, for one that was idle; nil where another was faster, or enough work. Somebody stays to hear the next alarm.
func (r *rota) first(ctx context.Context) *loop {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle--
	r.working++
	l := r.take(ctx)
	if l == nil {
		r.idle++
		r.working--
		return nil
	}
	if r.idle == 0 {
		r.hire(ctx)
	}
	return l
}

// another puts back the loop that has looked, over or to go on, and is the next that is due. Where none is, or too many work, it is nil, and
// tells whether whoever looked stays to listen.
func (r *rota) another(ctx context.Context, l *loop, over bool) (next *loop, stays bool) {
	now := time.Now()
	wait, hurries := pause, false
	if over {
		wait, hurries = l.wait()
	}
	left := false
	r.mu.Lock()
	defer func() {
		r.mu.Unlock()
		if left {
			l.end.Do(l.line.hangUp)
		}
	}()
	at := now.Add(wait)
	if over {
		at = r.end(l, at, hurries)
	}
	if left = l.place.left && over; !left {
		r.add(l, at)
	}
	if next = r.take(ctx); next != nil {
		return next, true
	}
	return nil, r.rest()
}

// end gives back the seat of a loop whose look is over, and tells when the next is due, at the latest at a time, and whether somebody
// waits for it. The caller holds mu.
func (r *rota) end(l *loop, at time.Time, hurries bool) time.Time {
	r.seats.stand(l)
	p := &l.place
	if !p.sooner.IsZero() && p.sooner.Before(at) {
		at, hurries = p.sooner, true
	}
	p.sooner = time.Time{}
	p.every = slot
	if hurries {
		p.every = shortSlot
	}
	return at
}

// take is the loop to turn to now, if there is one, and sets the alarm for the one behind. The caller holds mu, and is counted as working.
func (r *rota) take(ctx context.Context) (l *loop) {
	if r.working-r.heldUp <= most() && ctx.Err() == nil {
		l = r.queue.pop(time.Now())
	}
	if l != nil {
		if l.place.ctx == nil {
			l.place.ctx, l.place.cancel = context.WithCancel(ctx)
		}
		r.seats.sit(l)
	}
	r.arm()
	return l
}

// most is how many may work at once, besides those who are held up: more would only keep each other from the cores, with the looks that
// they have begun, whose time runs.
func most() int { return 2 * runtime.GOMAXPROCS(0) }

// rest ends somebody's work. It is false where enough others are idle. The caller holds mu.
func (r *rota) rest() bool {
	r.working--
	if r.idle >= most() {
		return false
	}
	r.idle++
	return true
}
