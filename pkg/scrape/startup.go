package scrape

import (
	"context"
	"sync"
	"time"
)

// The scraper's part of the startup of a cluster (cmd/plimsoll/app/startup.go has the whole):
//
//  1. Set adds a node. Its initial scrape is due within firstSpread, at a moment that follows from its name.
//  2. AwaitInitialScrapes returns once every node's initial scrape has ended, or none has ended for initialStall. Only then are the pods listed.
//  3. A second scrape follows secondLook after the initial one, and gives a rate.
//  4. Config.PodsKnown is closed. catchUp has the store publish what scrapes brought before, and expedites the scrape of each node where a
//     pod is still without a rate.

// initialStall is for how long no initial scrape may end until those that are missing are not waited for: their kubelets are slow or gone. It is
// longer than the time over which the initial scrapes are spread.
const initialStall = firstSpread + 500*time.Millisecond

// AwaitInitialScrapes returns once a scrape of every node has ended, none has ended for initialStall, or ctx is done. What else a new server has
// to do can wait for that, because each node's usage needs a second scrape after the first.
func (m *Manager) AwaitInitialScrapes(ctx context.Context) {
	stall := time.NewTimer(initialStall)
	defer stall.Stop()
	for {
		missing, changed := m.unscraped.get()
		if missing == 0 {
			return
		}
		select {
		case <-changed:
			stall.Reset(initialStall)
		case <-stall.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// unscraped counts the nodes whose initial scrape has not ended. It is safe for concurrent use.
type unscraped struct {
	// mu guards what follows.
	mu    sync.Mutex
	nodes int
	// changed is closed at the next change; nil where nothing waits for one.
	changed chan struct{}
}

// get returns the number of nodes, and a channel that is closed once it is another.
func (u *unscraped) get() (nodes int, changed <-chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.changed == nil {
		u.changed = make(chan struct{})
	}
	return u.nodes, u.changed
}

func (u *unscraped) add(nodes int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.nodes += nodes
	if u.changed != nil {
		close(u.changed)
		u.changed = nil
	}
}

// setUnscraped counts the loop's node, or counts it no longer. A loop that is gone is not counted. The caller holds mu.
func (l *loop) setUnscraped(is bool) {
	if is && l.gone.Load() || l.unscraped == is {
		return
	}
	l.unscraped = is
	if is {
		l.manager.unscraped.add(1)
	} else {
		l.manager.unscraped.add(-1)
	}
}

// catchUp waits until the pods are known, and then has every node catch up.
func (m *Manager) catchUp(ctx context.Context) {
	select {
	case <-m.known: // Nil is never ready.
		for _, l := range m.all() {
			l.catchUp()
		}
		m.caughtUp.Store(true)
	case <-ctx.Done():
	}
}

// catchUp has the usage published that came before the pods were known. Where a pod is still without a rate, the next scrape is expedited.
func (l *loop) catchUp() {
	l.mu.Lock()
	t := l.target
	l.mu.Unlock()
	// Also while a scrape is under way: it may have put its sample already. No lock is held, because Resolve may wait for that.
	missing := l.manager.sink.Resolve(l.identity(t)).Rateless > 0
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.status.successes == 0 || l.status.again {
		return // A scrape is due soon without this.
	}
	if missing {
		l.status.settled, l.status.again = false, l.target.SummaryURL != ""
		l.entry.Expedite(max(l.timing.first(), time.Until(l.status.ripe)))
	}
}
