package scrape

import "iter"

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

// close ends a seat where nobody looks.
func (s *seat) close() { s.stop() }
