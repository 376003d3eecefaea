package progress

import (
	"context"
	"sync"
	"time"
)

// Pending counts nodes of which something is awaited, as their first scrape. Its zero value counts none. It is safe for concurrent use.
type Pending struct {
	// mu guards what follows.
	mu    sync.Mutex
	nodes int
	// changed is closed at the next change; nil where nothing waits for one.
	changed chan struct{}
}

// Add counts so many nodes more; fewer where that is negative.
func (p *Pending) Add(nodes int) {
	if nodes == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nodes += nodes
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// Nodes returns the number of nodes, and a channel that is closed once it changes.
func (p *Pending) Nodes() (nodes int, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	return p.nodes, p.changed
}

// Await returns once no node is left, their number has not changed for as long as stall, or ctx is done.
func (p *Pending) Await(ctx context.Context, stall time.Duration) {
	stalled := time.NewTimer(stall)
	defer stalled.Stop()
	for {
		nodes, changed := p.Nodes()
		if nodes == 0 {
			return
		}
		select {
		case <-changed:
			stalled.Reset(stall)
		case <-stalled.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
