package sample

import "time"

// Rate is a CPU rate and the window that it is the average of.
type Rate struct {
	// Nanocores is the rate.
	Nanocores uint64
	// From and To are the ends of the window, in Unix nanoseconds by the kubelet's clock.
	From, To int64
}

// RateStatus is what became of the two possible rates: the one between two readings of the counter, and the kubelet rate.
type RateStatus struct {
	// OK is true where one of them is served.
	OK bool
	// Rejected counts those that are more than the node can do, from 0 to 2.
	Rejected int
	// Pending is true where neither is served and another reading may change that.
	Pending bool
}

// Rate returns the rate to serve; where the status is not OK it has no meaning. It is the kubelet rate where the newest reading has one
// that is plausible, because the format that has it gives times in whole seconds and a rate between those is off by a second a window;
// otherwise it is the rate between the two readings.
//
// Capacity is the CPU that the node declares, in nanocores, 0 where it declares none; started is that of ScrapeInfo. A rate between two readings
// is rejected where it is implausible: see IsImplausible. Its window is forgotten then, and the next reading begins a new one. A kubelet rate
// above the capacity is rejected too, unless the counter agrees or there is no counter.
func (c *CPUCounter) Rate(capacity uint64, started int64) (Rate, RateStatus) {
	window, ok := c.window(started)
	rejected := ok && IsImplausible(c.least(window), capacity)
	status := RateStatus{OK: ok && !rejected, Pending: !c.rateOnly && !rejected}
	if rejected {
		status.Rejected = 1
		c.from, c.fromStart = point{}, false
	}
	if !c.hasKubeletRate {
		return window, status
	}
	if c.isPlausible(capacity, status.OK && exceeds(window.Nanocores, capacity)) {
		status.OK = true
		return Rate{c.kubeletRate, max(c.to.time-kubeletRateWindow, c.start), c.to.time}, status
	}
	if status.OK || IsImplausible(c.kubeletRate, capacity) {
		status.Rejected++ // Otherwise it is not rejected yet: there is no counter to confirm it.
	}
	return window, status
}

// window is the rate between the two readings; false where there is none, or where it would begin at a start that the pod's status
// contradicts.
func (c *CPUCounter) window(started int64) (Rate, bool) {
	length := c.to.time - c.from.time
	if c.from.time == 0 {
		return Rate{}, false
	}
	if c.fromStart && (length < freshWindow || started != 0 && started < c.start-startedLater) {
		return Rate{}, false
	}
	return Rate{nanocores(c.to.cpu-c.from.cpu, length), c.from.time, c.to.time}, true
}

// least is the lowest rate that the window may stand for. Times in whole seconds are off by up to a second at each end.
func (c *CPUCounter) least(window Rate) uint64 {
	length := window.To - window.From
	if c.from.time%int64(time.Second) == 0 && c.to.time%int64(time.Second) == 0 {
		length += 2 * int64(time.Second)
	}
	return nanocores(c.to.cpu-c.from.cpu, length)
}

// implausible is how many times what a node declares no use can be: kubelets count CPUs and memory once, when they start, and a machine
// may be given more of both afterwards.
const implausible = 10

// IsImplausible is true for a use of more than ten times the capacity that the node declares. Both are in the same unit; a capacity of 0 is
// unknown and bounds nothing.
func IsImplausible(used, capacity uint64) bool {
	return capacity != 0 && used/implausible >= capacity && used > implausible*capacity
}

// exceeds is true above the declared capacity, and a tenth for two clocks that do not quite agree.
func exceeds(used, capacity uint64) bool {
	return capacity != 0 && used > capacity && used-capacity > capacity/10
}

// RateSinceStart is the CPU time that an instance used since its start, divided by the shortest window that may be served. It is less than the
// true rate of the instance, which is younger than that window, and stands in where each instance ends before it has a rate. It is false where
// the age is unknown or high enough for a rate, and where the counter did not fall when the instance began: it may then include the usage of
// earlier instances.
func (c *CPUCounter) RateSinceStart() (Rate, bool) {
	age := c.to.time - c.start
	if !c.fell || age <= 0 || age >= freshWindow {
		return Rate{}, false
	}
	return Rate{nanocores(c.to.cpu, freshWindow), c.to.time - freshWindow, c.to.time}, true
}

// nanocores divides in floating point: a delta of more than 2^53 ns is 104 core-days, far from any window. The largest rate is one that a signed
// 64-bit number can carry on.
func nanocores(delta uint64, window int64) uint64 {
	return uint64(min(float64(delta)/float64(window)*1e9+0.5, 1<<62))
}
