package sample

import "time"

const (
	// freshWindow is the shortest window that may begin at a container's start, and the age from which on a kubelet's own rate is
	// served: the spacing of a kubelet's own readings. Before it has passed, a start-up burst would be taken for the load.
	freshWindow = int64(10 * time.Second)
	// firstScrapeWindow bounds a window that begins at a start before the server's first scrape of the node: an average over days says
	// nothing about now.
	firstScrapeWindow = int64(2 * time.Minute)
	// startTolerance is how far two times of one event may lie apart: a runtime and cAdvisor stamp a start separately, and the summary
	// has whole seconds.
	startTolerance = int64(time.Second)
	// closeReadings are so close that a window between them says little: the newer one widens the window that there is.
	closeReadings = int64(4 * time.Second)
)

type point struct {
	time int64
	cpu  uint64
}

// Series remembers the CPU of one container or node: the two accepted points of one container instance that its rate lies between,
// and the kubelet's own rate. The zero value is a series without readings. It is not safe for concurrent use.
type Series struct {
	// from is the beginning of the window; its time is 0 where there is none yet.
	// Invariant: from.time < to.time and from.cpu <= to.cpu, or from.time == 0.
	from, to point
	// start is when this instance began, 0 where it is unknown or ignored.
	start int64
	// behind is the time of the newest reading that was refused as out of order since the newest accepted one; 0 where none was.
	behind int64
	// instant is the rate in nanocores that the kubelet gave with the newest reading, if it did.
	instant    uint64
	hasInstant bool
	// rateOnly is true where the newest reading had a rate and no counter: the cpu of to means nothing.
	rateOnly bool
	// fromStart is true where from is the start of the instance and not a reading, fell where the instance began with a counter that fell.
	fromStart, fell bool
	// starts is what the start times of the series are worth.
	starts startState
}

// Accept adds the newest reading of the container or node to the series. A reading that it rejects leaves rate and window as they were.
func (s *Series) Accept(u Usage, scrape Scrape) Reason {
	if !u.CPU.Known {
		return s.acceptRate(u, scrape)
	}
	if reason := scrape.Check(u.CPU); reason != Accepted {
		return reason
	}
	u.Start = s.starts.reliable(u.Start)
	to := point{time: u.CPU.Time, cpu: u.CPU.Value}
	switch {
	case s.to.time == 0 || s.rateOnly:
		s.begin(to, u.Start, scrape)
	case s.startedBefore(u.Start):
		return OlderInstance
	case to.time == s.to.time:
		return Repeated
	case to.time < s.to.time && s.contradictedBy(to, u.Start):
		s.restartAt(to, u.Start)
	case to.time < s.to.time:
		return OutOfOrder
	case s.startedAfter(u.Start):
		s.acceptNewStart(to, u.Start, scrape)
	case to.cpu < s.to.cpu:
		// The start time did not move with the counter, so it is no beginning of a window either. Whether the starts before
		// were reliable does not matter for the instance that begins.
		*s = Series{to: to, start: s.start}
	default:
		s.advance(to)
	}
	s.learn(u.Start)
	s.instant, s.hasInstant = u.Rate.Value, s.trusts(u.Rate)
	return Accepted
}

// advance moves the window on to the next reading of the same instance.
func (s *Series) advance(to point) {
	s.behind = 0
	if s.from.time != 0 && to.time-s.to.time < closeReadings {
		s.to = to
		return
	}
	s.from, s.to, s.fromStart = s.to, to, false
}

// restartAt forgets all readings before this one.
func (s *Series) restartAt(to point, start int64) {
	*s = Series{to: to, start: start, starts: s.starts}
}

// begin starts an instance. Its first window may reach back to its start if no scrape fell between the two.
func (s *Series) begin(to point, start int64, scrape Scrape) {
	*s = Series{to: to, start: start, starts: s.starts}
	if start <= 0 || start >= to.time {
		return
	}
	unseen := start > scrape.Previous
	if scrape.Previous == 0 {
		unseen = to.time-start <= firstScrapeWindow
	}
	if unseen {
		s.from, s.fromStart = point{time: start}, true
	}
}

// contradictedBy is true where a reading that arrived later, under an earlier time, shows that the accepted one was from the future: the
// node's clock was set back, or one reading carried a false time. A counter that went on shows it at once. So does a later start.
// Of a counter that stands still two readings in a row do whose times advance; the series remembers the first. A counter that is lower
// shows nothing: a kubelet that changes between its two sources of readings steps back in both.
func (s *Series) contradictedBy(to point, start int64) bool {
	if s.to.time-to.time <= startTolerance {
		return false
	}
	if to.cpu != s.to.cpu {
		return to.cpu > s.to.cpu || s.startedAfter(start)
	}
	before := s.behind
	s.behind = max(before, to.time)
	return s.startedAfter(start) || before != 0 && to.time > before
}

// Start is when the instance began, in Unix nanoseconds; 0 where that is unknown or ignored.
func (s *Series) Start() int64 { return s.start }

// Counter returns the CPU time of the newest accepted reading in nanoseconds, and when the kubelet read it, in Unix nanoseconds; 0 where
// the kubelet reports a rate and no counter.
func (s *Series) Counter() (cpu uint64, at int64) {
	if s.rateOnly {
		return 0, 0
	}
	return s.to.cpu, s.to.time
}

// Time is when the newest accepted reading was made, in Unix nanoseconds; 0 where there is none.
func (s *Series) Time() int64 { return s.to.time }
