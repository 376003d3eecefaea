package scrape

import (
	"sync/atomic"
	"time"
)

// outage counts the nodes that fail. Where most nodes of a cluster fail at once, the fault is hardly theirs: they are not scraped less often, and once
// the first one is scraped again the next scrapes of the failing ones are expedited.
type outage struct {
	nodes, failing atomic.Int64
	// expedited is when the failing nodes were last expedited, in Unix nanoseconds.
	expedited atomic.Int64
}

// isOn is true while more than half of the nodes fail.
func (o *outage) isOn() bool { return 2*o.failing.Load() > o.nodes.Load() }

// expediteFailing has the nodes that fail scraped within the time over which a new server spreads its initial scrapes; once in an interval.
func (m *Manager) expediteFailing(interval time.Duration) {
	now, last := time.Now().UnixNano(), m.outage.expedited.Load()
	// A last time in the future is from before the clock was set back.
	if since := now - last; since >= 0 && since < int64(interval) || !m.outage.expedited.CompareAndSwap(last, now) {
		return
	}
	for _, n := range m.all() {
		n.mu.Lock()
		if n.failing {
			n.expedite(n.timing.initialDelay())
		}
		n.mu.Unlock()
	}
}
