package sample

import "time"

const (
	// maxSkew is how far ahead of this process a kubelet's clock may run.
	maxSkew = int64(time.Minute)
	// maxReadingAge is how old a kubelet's newest reading may be when it is scraped, by the node's clock.
	maxReadingAge = int64(30 * time.Second)
)

// ScrapeInfo is when the server read a node's response, and what else is known at that moment. All times are in Unix nanoseconds.
type ScrapeInfo struct {
	// Now is when the response was read, by the server's clock.
	Now int64
	// Previous is when the last accepted response of the same node was read, by the server's clock; 0 where there was none.
	Previous int64
	// Accepted is when the newest accepted reading came, by the server's clock; 0 where that is not known.
	Accepted int64
	// Behind is by how much the server's own clock is behind the clocks of most nodes, in nanoseconds; 0 where it is right.
	Behind int64
	// Started is when the running instance of the container started, by the node's clock as the pod's status has it; 0 where that is
	// not known.
	Started int64
	// Absent is true where the container was not in the previous response of its node: it may have ended in between.
	Absent bool
}

// Check returns why a reading's time cannot be right; NotRejected where it can.
func (s ScrapeInfo) Check(r Reading) Rejection {
	switch {
	case r.Time <= 0:
		return BadTime
	case r.Time > s.Now+s.Behind+maxSkew:
		return Future
	default:
		return NotRejected
	}
}

// isSetForward is true where more time lies between the newest accepted reading and the next one than can have passed: the node's clock was set
// forward in between.
func (s ScrapeInfo) isSetForward(between int64) bool {
	return s.Accepted != 0 && between > s.Now-s.Accepted+maxReadingAge
}
