package sample

import "time"

const (
	// freshWindow is the shortest window that may begin at a container's start, and the age from which on a kubelet rate is served: the
	// spacing of a kubelet's own readings. Before it has passed, a start-up burst would be taken for the load.
	freshWindow = int64(10 * time.Second)
	// firstScrapeWindow bounds a window that begins at a start before the server's first scrape of the node: an average over days says
	// nothing about the present.
	firstScrapeWindow = int64(2 * time.Minute)
	// startTolerance is how far two times of one event may lie apart: a runtime and cAdvisor stamp a start separately, and the summary
	// has whole seconds.
	startTolerance = int64(time.Second)
	// closeReadings are so close that a window between them says little: the newer one widens the window that there is.
	closeReadings = int64(4 * time.Second)
)

// point is one reading of the counter: the CPU time in nanoseconds at a time in Unix nanoseconds.
type point struct {
	time int64
	cpu  uint64
}

// CPUCounter follows the CPU counter of one container or node from one scrape to the next. It keeps the two accepted readings of one container
// instance between which the rate is computed, and the kubelet rate: the one that the kubelet computed itself, for which a kubelet without a
// counter is accepted too. The zero value has no reading. It is not safe for concurrent use.
type CPUCounter struct {
	// from and to are the ends of the window; the time of from is 0 where there is no window yet.
	// Invariant: from.time < to.time and from.cpu <= to.cpu, or from.time == 0.
	from, to point
	// start is when this instance began, 0 where it is unknown or ignored.
	start int64
	// behind is the time of the newest reading that was rejected as out of order since the newest accepted one; 0 where none was.
	behind int64
	// kubeletRate is in nanocores, and is of the newest reading; hasKubeletRate is false where it had none that may be served.
	kubeletRate    uint64
	hasKubeletRate bool
	// rateOnly is true where the newest reading had a rate and no counter: the cpu of to means nothing.
	rateOnly bool
	// fromStart is true where from is the start of the instance and not a reading, fell where the instance began with a counter that fell.
	fromStart, fell bool
	// startMoves counts how often the start moved without a sign of a restart, up to maxStartMoves.
	startMoves uint8
}

// Accept takes the newest reading of the container or node. A reading that it rejects leaves rate and window as they were.
func (c *CPUCounter) Accept(u Usage, scrape ScrapeInfo) Rejection {
	reading := u.CPU
	if !reading.Known {
		reading = Reading{Time: u.Rate.Time}
	}
	if rejection := scrape.Check(reading); rejection != NotRejected {
		return rejection
	}
	to, start := point{time: reading.Time, cpu: reading.Value}, c.reliable(u.Start)
	isFirst := c.to.time == 0 || c.rateOnly && u.CPU.Known
	if !isFirst {
		if rejection := c.checkOrder(to, start); rejection != NotRejected {
			return rejection
		}
	}
	switch {
	case !u.CPU.Known:
		c.acceptRateOnly(to, start, scrape)
	case isFirst:
		c.begin(to, start, scrape)
	case to.time < c.to.time:
		c.restartAt(to, start)
	case c.startedAfter(start):
		c.acceptNewStart(to, start, scrape)
	case to.cpu < c.to.cpu:
		// The start time did not move with the counter, so it is no beginning of a window either. Whether the starts before
		// were reliable does not matter for the instance that begins.
		*c = CPUCounter{to: to, start: c.start}
	default:
		c.advance(to, scrape)
	}
	c.learn(start)
	c.kubeletRate, c.hasKubeletRate = u.Rate.Value, c.mayServe(u.Rate)
	return NotRejected
}

// checkOrder is NotRejected for a reading that is newer than the one before, or shows that the one before was from the future.
func (c *CPUCounter) checkOrder(to point, start int64) Rejection {
	switch {
	case c.startedBefore(start):
		return OlderInstance
	case to.time == c.to.time:
		return Repeated
	case to.time < c.to.time && !c.contradictedBy(to, start):
		return OutOfOrder
	}
	return NotRejected
}

// advance moves the window on to the next reading of the same instance. No window reaches across a clock that was set forward.
func (c *CPUCounter) advance(to point, scrape ScrapeInfo) {
	if scrape.isSetForward(to.time - c.to.time) {
		c.restartAt(to, c.start)
		return
	}
	c.behind = 0
	if c.from.time != 0 && to.time-c.to.time < closeReadings {
		c.to = to
		return
	}
	c.from, c.to, c.fromStart = c.to, to, false
}

// restartAt forgets all readings before this one.
func (c *CPUCounter) restartAt(to point, start int64) {
	*c = CPUCounter{to: to, start: start, startMoves: c.startMoves}
}

// begin starts an instance. Its first window may reach back to its start if no scrape fell between the two.
func (c *CPUCounter) begin(to point, start int64, scrape ScrapeInfo) {
	c.restartAt(to, start)
	unseen := start > scrape.Previous
	if scrape.Previous == 0 {
		unseen = to.time-start <= firstScrapeWindow
	}
	if unseen && start < to.time {
		c.from, c.fromStart = point{time: start}, true
	}
}

// contradictedBy is true where a reading that arrived later, under an earlier time, shows that the accepted one was from the future: the
// node's clock was set back, or one reading carried a false time. A counter that went on shows it at once. So does a later start.
// Of a counter that stands still two readings in a row do whose times advance; behind is the time of the first. A counter that is lower
// shows nothing: a kubelet that changes between its two sources of readings steps back in both.
func (c *CPUCounter) contradictedBy(to point, start int64) bool {
	if c.to.time-to.time <= startTolerance {
		return false
	}
	if to.cpu != c.to.cpu {
		return to.cpu > c.to.cpu || c.startedAfter(start)
	}
	before := c.behind
	c.behind = max(before, to.time)
	return c.startedAfter(start) || before != 0 && to.time > before
}

// InstanceStart is when the container instance began, in Unix nanoseconds; 0 where that is unknown or ignored.
func (c *CPUCounter) InstanceStart() int64 { return c.start }

// Value returns the CPU time of the newest accepted reading in nanoseconds, and when the kubelet read it, in Unix nanoseconds; both are 0
// where the kubelet reports a rate and no counter.
func (c *CPUCounter) Value() (cpu uint64, at int64) {
	if c.rateOnly {
		return 0, 0
	}
	return c.to.cpu, c.to.time
}

// Time is when the newest accepted reading was made, in Unix nanoseconds; 0 where there is none.
func (c *CPUCounter) Time() int64 { return c.to.time }
