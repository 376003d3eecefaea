package scrape

import (
	"context"
	"time"
)

// cmd/plimsoll/app/startup.go has the timeline of the startup of a cluster, of which this is the scraper's part.

// initialStall ends the wait for initial scrapes: where none has ended for so long, the kubelets of the missing ones are slow or gone. It is longer than
// the time over which the initial scrapes are spread.
const initialStall = initialSpread + 500*time.Millisecond

// AwaitInitial returns once a scrape of every node has ended, none has ended for initialStall, or ctx is done. What else a new server has
// to do can wait for that, because each node's usage needs a second scrape after the first.
func (m *Manager) AwaitInitial(ctx context.Context) { m.unscraped.Await(ctx, initialStall) }

// catchUp waits until the pods are known, and then has every node catch up.
func (m *Manager) catchUp(ctx context.Context) {
	select {
	case <-m.config.PodsKnown: // Nil is never ready.
		for _, n := range m.all() {
			n.catchUp()
		}
		m.caughtUp.Store(true)
	case <-ctx.Done():
	}
}

// catchUp has the usage published that came before the pods were known. Where a pod is still without a rate, the next scrape is expedited.
func (n *nodeScraper) catchUp() {
	n.mu.Lock()
	t := n.target
	n.mu.Unlock()
	// Also while a scrape is under way: it may have put its sample already. No lock is held, because MatchPods may wait for that.
	missing := n.manager.config.Store.MatchPods(n.identity(t)).WithoutRate > 0
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.status.successes == 0 || n.status.followUp {
		return // A scrape is due soon without this.
	}
	if missing {
		n.status.settled, n.status.followUp = false, n.target.SummaryURL != ""
		n.expedite(max(n.timing.initialDelay(), time.Until(n.status.notBefore)))
	}
}
