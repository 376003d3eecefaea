package sample

import "time"

// maxStartMoves is how often the reported start of a container may move without a sign of a restart. From then on its starts are ignored: what
// the kubelet reports is no start, because it moves while the counter goes on.
const maxStartMoves = 2

// reliable returns the start, or 0 (unknown) where starts are ignored.
func (c *CPUCounter) reliable(start int64) int64 {
	if c.startMoves == maxStartMoves {
		return 0
	}
	return start
}

func (c *CPUCounter) startedBefore(start int64) bool {
	return start > 0 && start < c.start-startTolerance
}

func (c *CPUCounter) startedAfter(start int64) bool {
	return c.start > 0 && start > c.start+startTolerance
}

// IsInstance is true where an instance that began at start (Unix nanoseconds, 0 where unknown) may be the one that is followed.
func (c *CPUCounter) IsInstance(start int64) bool {
	return !c.startedBefore(start) && !c.startedAfter(start)
}

// learn sets the start from a reading where none was known.
func (c *CPUCounter) learn(start int64) {
	if c.start == 0 {
		c.start = c.reliable(start)
	}
}

// acceptNewStart accepts a reading whose start is later than the one before. A counter that fell, or the pod's status, shows a restart. Where
// the start moved and nothing restarted the counter goes on. Otherwise either may be true, and no window reaches across: one from
// the start would hold the use of the whole instance.
func (c *CPUCounter) acceptNewStart(to point, start int64, scrape ScrapeInfo) {
	fell := to.cpu < c.to.cpu
	if fell || scrape.confirms(start) {
		c.begin(to, start, scrape)
		c.fell = fell
		return
	}
	if c.moveStart(start, scrape); c.startMoves == maxStartMoves {
		c.advance(to, scrape)
		return
	}
	c.restartAt(to, start)
}

// moveStart counts a start that moved without a sign of a restart. One move is enough where the instance was there before its reported start.
func (c *CPUCounter) moveStart(start int64, scrape ScrapeInfo) {
	impossible := start < c.to.time-startTolerance
	if scrape.Absent && !impossible {
		return
	}
	if c.startMoves++; c.startMoves < maxStartMoves && !impossible {
		return
	}
	c.start, c.startMoves = 0, maxStartMoves
	if c.fromStart {
		c.from, c.fromStart = point{}, false
	}
}

// A start is when a container was created. The runtime reports that it runs a little later, in whole seconds.
const (
	startedEarlier = int64(2 * time.Second)
	startedLater   = int64(10 * time.Second)
)

// confirms is true where the pod's status has an instance that began at this start.
func (s ScrapeInfo) confirms(start int64) bool {
	return s.Started > start-startedEarlier && s.Started < start+startedLater
}
