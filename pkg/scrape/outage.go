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

// remove counts a node no more.
func (o *outage) remove(failing bool) {
	o.nodes.Add(-1)
	if failing {
		o.failing.Add(-1)
	}
}

// setFailing counts the node as failing or not, unless it has been removed. The caller holds mu.
func (n *nodeScraper) setFailing(fails bool) {
	if n.failing == fails || n.removed.Load() {
		return
	}
	n.failing = fails
	if fails {
		n.manager.outage.failing.Add(1)
	} else {
		n.manager.outage.failing.Add(-1)
	}
}

// expediteFailing has the nodes that fail scraped within the time over which a new server spreads its initial scrapes; once in an interval.
func (m *Manager) expediteFailing(interval time.Duration) {
	now, last := time.Now().UnixNano(), m.outage.expedited.Load()
	if now-last < int64(interval) || !m.outage.expedited.CompareAndSwap(last, now) {
		return
	}
	for _, n := range m.all() {
		n.mu.Lock()
		fails, after := n.failing, n.timing.initialDelay()
		n.mu.Unlock()
		if fails {
			n.entry.Expedite(after)
		}
	}
}
