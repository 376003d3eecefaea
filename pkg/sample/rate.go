package sample

import "time"

// Rate is a CPU rate and the window that it is the average of.
type Rate struct {
	// Nanocores is the rate.
	Nanocores uint64
	// From and To are the ends of the window, in Unix nanoseconds by the kubelet's clock.
	From, To int64
}

// Evidence is what is known apart from the readings, and decides whether a rate is served.
type Evidence struct {
	// Capacity is the CPU that the node declares, in nanocores; 0 where it declares none.
	Capacity uint64
	// Started is that of Scrape.
	Started int64
}

// Verdict is what became of the two witnesses of a rate: the counter, and the kubelet's own rate.
type Verdict struct {
	// OK is true where one of them is served.
	OK bool
	// Refused counts those that are not, because they are more than the node can do.
	Refused int
	// Waits is true where neither is served and another reading may change that.
	Waits bool
}

// Rate is the CPU use between the two points of the series; the kubelet's own rate where it gave one with the newest
// reading, because the format that has it gives times in whole seconds and a rate between those is off by a second a
// window. A measured rate above what the node declares is served, unless it is absurd: see Absurd. A kubelet's own rate above the
// declared capacity is served where the counter agrees, or where there is no counter. Where one of the two is refused the
// other stands in. A window that is refused is forgotten: the next reading begins a new one.
func (s *Series) Rate(e Evidence) (Rate, Verdict) {
	window, ok := s.window(e)
	refused := ok && Absurd(s.least(window), e.Capacity)
	v := Verdict{OK: ok && !refused, Waits: !s.rateOnly && !refused}
	if refused {
		v.Refused = 1
		s.from, s.fromStart = point{}, false
	}
	if !s.hasInstant {
		return window, v
	}
	if s.plausible(e.Capacity, v.OK && exceeds(window.Nanocores, e.Capacity)) {
		v.OK = true
		return Rate{s.instant, max(s.to.time-instantWindow, s.start), s.to.time}, v
	}
	if v.OK || Absurd(s.instant, e.Capacity) {
		v.Refused++ // Otherwise it is not refused yet: there is no counter to confirm it.
	}
	return window, v
}

// plausible judges the kubelet's own rate; confirmed is true where the counter's window is above the declared capacity too.
func (s *Series) plausible(capacity uint64, confirmed bool) bool {
	if Absurd(s.instant, capacity) {
		return false
	}
	return confirmed || s.rateOnly || !exceeds(s.instant, capacity)
}

// window is the rate between the two points; false where there is none, or where it would begin at a start that the pod's status
// contradicts.
func (s *Series) window(e Evidence) (Rate, bool) {
	length := s.to.time - s.from.time
	if s.rateOnly || s.from.time == 0 {
		return Rate{}, false
	}
	if s.fromStart && (length < freshWindow || e.Started != 0 && e.Started < s.start-startedLater) {
		return Rate{}, false
	}
	return Rate{nanocores(s.to.cpu-s.from.cpu, length), s.from.time, s.to.time}, true
}

// least is the lowest rate that the window may stand for. Times in whole seconds are off by up to a second at each end.
func (s *Series) least(window Rate) uint64 {
	length := window.To - window.From
	if s.from.time%int64(time.Second) == 0 && s.to.time%int64(time.Second) == 0 {
		length += 2 * int64(time.Second)
	}
	return nanocores(s.to.cpu-s.from.cpu, length)
}

// absurd is how many times what a node declares no reading can be: kubelets count CPUs and memory once, when they start, and a machine may
// be given more of both afterwards.
const absurd = 10

// Absurd is true where a use cannot be, whatever the node's capacity really is. Both are in the same unit; a capacity of 0 is unknown
// and bounds nothing.
func Absurd(used, capacity uint64) bool {
	return capacity != 0 && used/absurd >= capacity && used > absurd*capacity
}

// exceeds is true above the declared capacity, and a tenth for two clocks that do not quite agree.
func exceeds(used, capacity uint64) bool {
	return capacity != 0 && used > capacity && used-capacity > capacity/10
}

// SinceStart is what an instance that is too young for a rate has used, spread over the shortest window that there may be: less than its
// rate, and what stands in for it where no instance lasts. It is false where the age is not known, or high enough for a rate, and where
// the counter went on when the instance began: then it may include the usage of the instances before.
func (s *Series) SinceStart() (Rate, bool) {
	age := s.to.time - s.start
	if s.rateOnly || !s.fell || age <= 0 || age >= freshWindow {
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
