package sample

import "time"

// instantWindow is published with a kubelet's own rate: the middle of the 10 to 20 seconds that it averages over.
const instantWindow = int64(15 * time.Second)

// acceptRate accepts a reading that has a rate and no counter, as some virtual kubelets report it: see Accept. No rate can be computed
// from such readings, so the reported rate is used, also where it is zero.
func (s *Series) acceptRate(u Usage, scrape Scrape) Reason {
	if reason := scrape.Check(u.Rate); reason != Accepted {
		return reason
	}
	start, to := s.starts.reliable(u.Start), point{time: u.Rate.Time}
	switch {
	case s.to.time == 0:
	case s.startedBefore(start):
		return OlderInstance
	case to.time == s.to.time:
		return Repeated
	case to.time < s.to.time && !s.contradictedBy(to, start):
		return OutOfOrder
	case s.startedAfter(start) && !scrape.confirms(start):
		s.moveStart(start, scrape)
	}
	if start = s.starts.reliable(start); start == 0 {
		start = s.start
	}
	*s = Series{to: to, start: start, starts: s.starts, rateOnly: true, instant: u.Rate.Value}
	s.hasInstant = !s.isYoung()
	return Accepted
}

// Suggest gives the series the kubelet's own rate, for as long as there is no window: where readings move only every 10 to 20 seconds, that
// is the first rate to serve. It is false where the rate is not needed, or is of another instance.
func (s *Series) Suggest(u Usage, e Evidence) bool {
	if s.to.time == 0 || !s.trusts(u.Rate) || !s.SameInstance(s.starts.reliable(u.Start)) {
		return false
	}
	if _, ok := s.window(e); ok || s.hasInstant {
		return false
	}
	s.instant, s.hasInstant = u.Rate.Value, true
	return true
}

// trusts is true where a kubelet's own rate may be served for the container. cAdvisor gives 0 where it has one reading only. The rate of a
// young container is that of its startup.
func (s *Series) trusts(rate Reading) bool { return rate.Known && rate.Value > 0 && !s.isYoung() }

func (s *Series) isYoung() bool { return s.start != 0 && s.to.time-s.start < freshWindow }
