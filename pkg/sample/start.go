package sample

import "time"

// startState counts how often the start of a series moved without a sign of a restart; startIgnored is the end of the count.
type startState uint8

// startIgnored means that what the kubelet reports as the start is none: it moves while the counter goes on.
const startIgnored startState = 2

// reliable returns the start, or 0 (unknown) where starts are ignored.
func (s startState) reliable(start int64) int64 {
	if s == startIgnored {
		return 0
	}
	return start
}

func (s *Series) startedBefore(start int64) bool {
	return s.start > 0 && start > 0 && start < s.start-startTolerance
}

func (s *Series) startedAfter(start int64) bool {
	return s.start > 0 && start > 0 && start > s.start+startTolerance
}

// learn sets the start from a reading where none was known.
func (s *Series) learn(start int64) {
	if s.start == 0 {
		s.start = s.starts.reliable(start)
	}
}

// acceptNewStart accepts a reading whose start is later than the one before. A counter that fell, or the pod's status, shows a restart. Where
// the start moved and nothing restarted the counter goes on. In between there is no telling, and no window reaches across: one from
// the start would hold the use of the whole instance.
func (s *Series) acceptNewStart(to point, start int64, scrape Scrape) {
	fell := to.cpu < s.to.cpu
	if fell || scrape.confirms(start) {
		s.begin(to, start, scrape)
		s.fell = fell
		return
	}
	if s.moveStart(start, scrape); s.starts == startIgnored {
		s.advance(to)
		return
	}
	s.restartAt(to, start)
}

// moveStart counts a start that moved without a sign of a restart. From the second move on the starts of the series are ignored; from
// the first where the instance was there before its reported start.
func (s *Series) moveStart(start int64, scrape Scrape) {
	impossible := start < s.to.time-startTolerance
	if scrape.Absent && !impossible {
		return
	}
	if s.starts++; s.starts < startIgnored && !impossible {
		return
	}
	s.start, s.starts = 0, startIgnored
	if s.fromStart {
		s.from, s.fromStart = point{}, false
	}
}

// A start is when a container was created. The runtime reports that it runs a little later, in whole seconds.
const (
	startedEarlier = int64(2 * time.Second)
	startedLater   = int64(10 * time.Second)
)

// confirms is true where the pod's status has an instance that began at this start.
func (s Scrape) confirms(start int64) bool {
	return s.Started != 0 && s.Started > start-startedEarlier && s.Started < start+startedLater
}

// SameInstance is true where an instance that began at start (Unix nanoseconds, 0 where unknown) may be the one of the series.
func (s *Series) SameInstance(start int64) bool {
	return s.start == 0 || start == 0 || max(s.start-start, start-s.start) <= startTolerance
}
