package sample

import "time"

const (
	// freshWindow is the shortest window that may begin at a container's start, and the age at which a kubelet's own rate is
	// believed: the spacing of a kubelet's own readings. Before it has passed, a start-up burst would be taken for the load.
	freshWindow = int64(10 * time.Second)
	// firstLookWindow bounds a window that begins at a start which nobody looked before: an average over days says
	// nothing about now.
	firstLookWindow = int64(2 * time.Minute)
	// startTolerance is how far two start times of one life may lie apart: a runtime and cAdvisor stamp it separately.
	startTolerance = int64(time.Second)
	// closeReadings are so close that a window between them says little: the newer one widens the window that there is.
	closeReadings = int64(4 * time.Second)
	// instantWindow is published with a kubelet's own rate: the middle of the 10 to 20 seconds that it averages over.
	instantWindow = int64(15 * time.Second)
	// maxSkew is how far ahead of this process a kubelet's clock may run.
	maxSkew = int64(time.Minute)
)

// Look is when the server looked at a node. Both times are its own, in Unix nanoseconds.
type Look struct {
	// Now is when the answer was read.
	Now int64
	// Previous is when the last accepted answer of the same node was read; 0 where there was none.
	Previous int64
}

// Check tells whether a reading's time can be believed at all.
func (l Look) Check(r Reading) Reason {
	switch {
	case r.Time <= 0:
		return BadTime
	case r.Time > l.Now+maxSkew:
		return Future
	default:
		return Accepted
	}
}

type point struct {
	time int64
	cpu  uint64
}

// Series remembers the CPU of one container or node: the two accepted points of one life that its rate lies between.
// The zero value is a series that has seen nothing. It is not safe for concurrent use.
type Series struct {
	// from is the beginning of the window; its time is 0 where there is none yet.
	// Invariant: from.time < to.time and from.cpu <= to.cpu, or from.time == 0.
	from, to point
	// start is when this life began, 0 where it is unknown.
	start int64
	// instant is the rate in nanocores that the kubelet gave with the newest reading, if it did.
	instant    uint64
	hasInstant bool
	// fromStart is true where from is the start of the life and not a reading, fell where the life began with a counter that fell.
	fromStart, fell bool
}

// Accept takes one look at the container or node into the series. Whatever it refuses leaves the series as it was.
func (s *Series) Accept(u Usage, look Look) Reason {
	if reason := look.Check(u.CPU); reason != Accepted {
		return reason
	}
	to := point{time: u.CPU.Time, cpu: u.CPU.Value}
	switch {
	case s.to.time == 0:
		s.begin(to, u.Start, look)
	case s.bothStarted(u) && u.Start < s.start-startTolerance:
		return OlderLife
	case to.time == s.to.time:
		return Repeated
	case to.time < s.to.time:
		return OutOfOrder
	case s.bothStarted(u) && u.Start > s.start+startTolerance:
		s.restart(to, u.Start, look)
	case to.cpu < s.to.cpu:
		// The start time did not move with the counter, so it is no beginning of a window either.
		*s = Series{to: to, start: s.start}
	case s.from.time != 0 && to.time-s.to.time < closeReadings:
		s.to = to
	default:
		s.from, s.to, s.fromStart = s.to, to, false
	}
	if s.start == 0 {
		s.start = u.Start
	}
	s.instant, s.hasInstant = u.Rate.Value, s.believes(u.Rate)
	return Accepted
}

func (s *Series) bothStarted(u Usage) bool { return s.start > 0 && u.Start > 0 }

// begin starts a life. Its first window may reach back to its start if nothing was missed between the two.
func (s *Series) begin(to point, start int64, look Look) {
	*s = Series{to: to, start: start}
	if start <= 0 || start >= to.time {
		return
	}
	unseen := start > look.Previous
	if look.Previous == 0 {
		unseen = to.time-start <= firstLookWindow
	}
	if unseen {
		s.from, s.fromStart = point{time: start}, true
	}
}

// restart begins a life after another. Where the counter went on all the same, the start may only have been stamped anew,
// and a window from there would hold the use of the whole life.
func (s *Series) restart(to point, start int64, look Look) {
	fell := to.cpu < s.to.cpu
	s.begin(to, start, look)
	if s.fell = fell; !fell {
		s.from, s.fromStart = point{}, false
	}
}

// Suggest gives the series the kubelet's own rate, for as long as there is no window: the first answer where readings move
// only every 10 to 20 seconds. It is false where it is of no use, or of another life.
func (s *Series) Suggest(u Usage) bool {
	if s.to.time == 0 || !s.believes(u.Rate) || !s.SameLife(u.Start) {
		return false
	}
	if _, ok := s.Rate(); ok {
		return false
	}
	s.instant, s.hasInstant = u.Rate.Value, true
	return true
}

// believes tells whether a kubelet's own rate can stand for the container. cAdvisor gives 0 where it has one reading only. Of a
// young container it is the rate of its start.
func (s *Series) believes(rate Reading) bool {
	young := s.start != 0 && s.to.time-s.start < freshWindow
	return rate.Known && rate.Value > 0 && !young
}

// SameLife is true where a life that began at start (Unix nanoseconds, 0 where unknown) may be the one of the series.
func (s *Series) SameLife(start int64) bool {
	return s.start == 0 || start == 0 || max(s.start-start, start-s.start) <= startTolerance
}

// Refuse forgets the beginning of the window, after a rate that cannot be: the next reading begins a new one.
func (s *Series) Refuse() { *s = Series{to: s.to, start: s.start} }

// Start is when the life began, in Unix nanoseconds; 0 where that is unknown.
func (s *Series) Start() int64 { return s.start }

// Time is when the newest accepted reading was made, in Unix nanoseconds; 0 where there is none.
func (s *Series) Time() int64 { return s.to.time }

// Rate is a CPU rate and the window that it is the average of.
type Rate struct {
	// Nanocores is the rate.
	Nanocores uint64
	// From and To are the ends of the window, in Unix nanoseconds by the kubelet's clock.
	From, To int64
}

// Rate is the CPU use between the two points of the series; the kubelet's own rate where it gave one with the newest
// reading, because the format that has it gives times in whole seconds and a rate between those is off by a second a
// window. It is false where there is neither.
func (s *Series) Rate() (Rate, bool) {
	window := s.to.time - s.from.time
	switch {
	case s.hasInstant:
		return Rate{s.instant, max(s.to.time-instantWindow, s.start), s.to.time}, true
	case s.from.time != 0 && (!s.fromStart || window >= freshWindow):
		return Rate{nanocores(s.to.cpu-s.from.cpu, window), s.from.time, s.to.time}, true
	default:
		return Rate{}, false
	}
}

// SinceStart is what a life that is too young for a rate has used, spread over the shortest window that there may be: less than its
// rate, and what stands in for it where no life lasts. It is false where the age is not known, or high enough for a rate, and where
// the counter went on when the life began: then it may hold the use of others.
func (s *Series) SinceStart() (Rate, bool) {
	age := s.to.time - s.start
	if !s.fell || age <= 0 || age >= freshWindow {
		return Rate{}, false
	}
	return Rate{nanocores(s.to.cpu, freshWindow), s.to.time - freshWindow, s.to.time}, true
}

// nanocores divides in floating point: a delta of more than 2^53 ns is 104 core-days, far from any window.
func nanocores(delta uint64, window int64) uint64 {
	return uint64(min(float64(delta)/float64(window)*1e9+0.5, maxNanocores))
}

// maxNanocores is the largest rate that a signed 64-bit number can carry on.
const maxNanocores = float64(1 << 62)
