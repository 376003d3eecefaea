package sample

import "time"

// kubeletRateWindow is published with a kubelet rate: the middle of the 10 to 20 seconds that it is an average of.
const kubeletRateWindow = int64(15 * time.Second)

// acceptRateOnly accepts a reading that has a rate and no counter, as some virtual kubelets report it. No rate can be computed from such
// readings, so the kubelet rate is served, also where it is zero.
func (c *CPUCounter) acceptRateOnly(to point, start int64, scrape ScrapeInfo) {
	if c.startedAfter(start) && !scrape.confirms(start) {
		c.moveStart(start, scrape)
	}
	if start = c.reliable(start); start == 0 {
		start = c.start
	}
	*c = CPUCounter{to: to, start: start, startMoves: c.startMoves, rateOnly: true}
}

// AcceptKubeletRate takes a kubelet rate from another response, to be served for as long as there is no window: where readings move only every
// 10 to 20 seconds, that is the first rate to serve. It is false where the rate is not needed, or is of another instance. Started is that of
// ScrapeInfo.
func (c *CPUCounter) AcceptKubeletRate(u Usage, started int64) bool {
	if !c.mayServe(u.Rate) || !c.IsInstance(c.reliable(u.Start)) {
		return false
	}
	if _, ok := c.window(started); ok || c.hasKubeletRate {
		return false
	}
	c.kubeletRate, c.hasKubeletRate = u.Rate.Value, true
	return true
}

// mayServe is true where a kubelet rate may be served for the container. cAdvisor reports 0 where it has one reading only, and 0 stands for a rate
// that is not known. The rate of a young container is that of its startup.
func (c *CPUCounter) mayServe(rate Reading) bool {
	return (rate.Value > 0 || c.rateOnly) && c.to.time-c.start >= freshWindow
}

// isPlausible judges the kubelet rate; confirmed is true where the rate between the two readings is above the declared capacity too.
func (c *CPUCounter) isPlausible(capacity uint64, confirmed bool) bool {
	if IsImplausible(c.kubeletRate, capacity) {
		return false
	}
	return confirmed || c.rateOnly || !exceeds(c.kubeletRate, capacity)
}
