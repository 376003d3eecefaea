package sample

import "time"

// instantWindow is published with a kubelet's own rate: the middle of the 10 to 20 seconds that it averages over.
const instantWindow = int64(15 * time.Second)

// acceptRate takes a reading that has a rate and no counter, as some virtual kubelets report it: see Accept. Nothing can be computed
// from it, so the rate is all that there is, and a rate of zero is believed: no second reading would give another.
func (s *Series) acceptRate(u Usage, look Look) Reason {
	if reason := look.Check(u.Rate); reason != Accepted {
		return reason
	}
	start, to := s.starts.believed(u.Start), point{time: u.Rate.Time}
	switch {
	case s.to.time == 0:
	case s.startedBefore(start):
		return OlderLife
	case to.time == s.to.time:
		return Repeated
	case to.time < s.to.time && !s.contradictedBy(to, start):
		return OutOfOrder
	case s.startedAfter(start) && !look.confirms(start):
		s.moveStart(start, look)
	}
	if start = s.starts.believed(start); start == 0 {
		start = s.start
	}
	*s = Series{to: to, start: start, starts: s.starts, rateOnly: true, instant: u.Rate.Value}
	s.hasInstant = !s.young()
	return Accepted
}

// Suggest gives the series the kubelet's own rate, for as long as there is no window: the first answer where readings move
// only every 10 to 20 seconds. It is false where it is of no use, or of another instance.
func (s *Series) Suggest(u Usage, e Evidence) bool {
	if s.to.time == 0 || !s.believes(u.Rate) || !s.SameLife(s.starts.believed(u.Start)) {
		return false
	}
	if _, ok := s.window(e); ok || s.hasInstant {
		return false
	}
	s.instant, s.hasInstant = u.Rate.Value, true
	return true
}

// believes tells whether a kubelet's own rate can stand for the container. cAdvisor gives 0 where it has one reading only. Of a
// young container it is the rate of its start.
func (s *Series) believes(rate Reading) bool { return rate.Known && rate.Value > 0 && !s.young() }

func (s *Series) young() bool { return s.start != 0 && s.to.time-s.start < freshWindow }
