package scrape

import (
	"iter"

	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
)

// seat is where a loop looks: a coroutine with a stack of its own, which is left while the look rests. Going on costs less than waking a
// goroutine, and asking goes so deep that a goroutine for each look would spend as much on its stack.
type seat struct {
	// loop is the one that looks; it changes only between two looks.
	loop *loop
	next func() (over, ok bool)
	stop func()
}

func newSeat() *seat {
	s := &seat{}
	s.next, s.stop = iter.Pull(func(yield func(over bool) bool) {
		defer utilruntime.HandleCrash() // The panic goes on, but the library would lose where it came from.
		rest := func() { yield(false) }
		for open := true; open; open = yield(true) {
			s.loop.line.rest = rest
			s.loop.look(s.loop.place.ctx)
			s.loop.line.rest = nil
		}
	})
	return s
}

// look begins a look or goes on with it, until it rests or is over. One goroutine at a time may call it.
func (s *seat) look() (over bool) {
	over, _ = s.next()
	return over
}

// spare is how many seats stay for the next looks: a seat that is new has to grow its stack first.
const spare = 64

// seats are those where nobody looks.
type seats []*seat

// sit gives a loop a seat, unless it has one.
func (s *seats) sit(l *loop) {
	if l.place.seat != nil {
		return
	}
	last := len(*s) - 1
	if last < 0 {
		l.place.seat = newSeat()
	} else {
		l.place.seat, *s = (*s)[last], (*s)[:last]
	}
	l.place.seat.loop = l
}

// stand takes the seat from a loop whose look is over.
func (s *seats) stand(l *loop) {
	free := l.place.seat
	l.place.seat, free.loop = nil, nil
	if len(*s) < spare {
		*s = append(*s, free)
	} else {
		free.stop()
	}
}

// close ends the seats.
func (s *seats) close() {
	for _, free := range *s {
		free.stop()
	}
	*s = nil
}
