package scrape

import (
	"context"
	"time"
)

const (
	// firstLooksEvery is how often the first looks are counted.
	firstLooksEvery = 50 * time.Millisecond
	// firstLooksStall is how long no first look may end until those that are missing are not waited for: they wait for a kubelet that is
	// slow or gone. It is longer than the time over which a new server spreads them.
	firstLooksStall = firstSpread + 500*time.Millisecond
)

// AwaitFirstLooks returns once every node has been looked at, nothing comes of those that have not, or ctx is done. What else a new server
// has to do can wait for that, as each node's numbers need a second look after the first.
func (m *Manager) AwaitFirstLooks(ctx context.Context) {
	ticker := time.NewTicker(firstLooksEvery)
	defer ticker.Stop()
	missing, since := -1, time.Now()
	for {
		now := m.neverLookedAt()
		if now != missing {
			missing, since = now, time.Now()
		}
		if missing == 0 || time.Since(since) >= firstLooksStall {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// neverLookedAt counts the nodes of which it is not known yet how a look ends.
func (m *Manager) neverLookedAt() (n int) {
	for _, l := range m.all() {
		l.mu.Lock()
		if l.status.successes == 0 && l.status.failures == 0 {
			n++
		}
		l.mu.Unlock()
	}
	return n
}
