package scrape

import (
	"sync/atomic"
	"time"
)

// outage counts the nodes that fail. Where most nodes of a cluster fail at once the fault is hardly theirs: they are not scraped less often,
// and once the first is back the others are scraped soon.
type outage struct {
	nodes, failing atomic.Int64
	// woken is when the others were last scraped because one was back, in Unix nanoseconds.
	woken atomic.Int64
}

// isOn is true while more than half of the nodes fail.
func (o *outage) isOn() bool { return 2*o.failing.Load() > o.nodes.Load() }

// mayWake is true where nobody was woken for a while, and counts as having done so.
func (o *outage) mayWake(pause time.Duration) bool {
	now, last := time.Now().UnixNano(), o.woken.Load()
	return now-last >= int64(pause) && o.woken.CompareAndSwap(last, now)
}

// setFailing counts the loop. It does not count one that is gone. The caller holds mu.
func (l *loop) setFailing(fails bool) {
	if l.failing == fails || l.gone.Load() {
		return
	}
	l.failing = fails
	if fails {
		l.manager.outage.failing.Add(1)
	} else {
		l.manager.outage.failing.Add(-1)
	}
}

// uncount takes a loop that is gone out of the count.
func (l *loop) uncount() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.manager.outage.nodes.Add(-1)
	if l.failing {
		l.manager.outage.failing.Add(-1)
		l.failing = false
	}
	l.setUnscraped(false)
	if l.manager.observer != nil {
		l.manager.observer.Removed(l.target.Node)
	}
}

// wake has the nodes that fail scraped within the time over which a new server spreads its first scrapes.
func (m *Manager) wake(pause time.Duration) {
	if !m.outage.mayWake(pause) {
		return
	}
	for _, l := range m.all() {
		l.mu.Lock()
		fails, after := l.failing, l.timing.first()
		l.mu.Unlock()
		if fails {
			l.entry.Expedite(after)
		}
	}
}
