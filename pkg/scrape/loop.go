package scrape

import (
	"context"
	"sync"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// loop looks at one node for as long as the node exists.
type loop struct {
	manager  *Manager
	schedule schedule
	// kick ends a wait: the node may answer now, or answers elsewhere.
	kick   chan struct{}
	cancel context.CancelFunc
	// done is closed when the loop has ended.
	done chan struct{}

	// mu guards what follows.
	mu     sync.Mutex
	target target.Target
	status status
	disks  diskStatus
}

func (l *loop) run(ctx context.Context) {
	defer close(l.done)
	timer := time.NewTimer(l.schedule.first())
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-l.kick:
		}
		l.look(ctx)
		timer.Reset(l.wait())
	}
}

func (l *loop) wait() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	wait := l.schedule.next(time.Now(), l.status.failures)
	if l.status.again {
		wait = min(wait, secondLook)
	}
	return wait
}

// aim changes where the loop looks. A node that moved, was born again or became ready is looked at once.
func (l *loop) aim(t target.Target) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.target
	l.target = t
	moved := old.URL != t.URL || old.UID != t.UID
	recovered := l.status.failures > 0 && t.Ready && !old.Ready
	if !moved && !recovered {
		return
	}
	l.status.successes, l.status.failures, l.status.ratesRefused = 0, 0, false
	l.disks = diskStatus{}
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// aimedAt is what to look at, and whether that is out of turn.
func (l *loop) aimedAt() (t target.Target, again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.target, l.status.again
}

// look fetches, decodes and puts once.
func (l *loop) look(ctx context.Context) {
	t, second := l.aimedAt()
	begin := time.Now()
	summary, err := l.scrape(ctx, t)
	if ctx.Err() != nil {
		return
	}
	l.manager.metrics.observe(time.Since(begin), causeOf(err), summary.Rejected)
	if err != nil {
		l.manager.sink.Fail(t.Node)
		l.failed(ctx, t, err)
		return
	}
	if second && summary.Rateless > 0 {
		summary.Rateless = l.askRates(ctx, t, summary.Rateless)
	}
	l.succeeded(ctx, summary, second)
	l.lookAtDisks(ctx, t)
}

func (l *loop) scrape(ctx context.Context, t target.Target) (summary store.Summary, err error) {
	err = ask(ctx, l.manager, t.URL, l.manager.decode, func(n *sample.Node, received time.Time) error {
		n.Stamp(received.UnixNano())
		if !hasContainers(n) && l.manager.pods.Running(t.Node) {
			summary.Rejected = n.Rejected
			return errNoContainers
		}
		summary = l.manager.sink.Put(identity(t), n, l.manager.pods)
		return nil
	})
	return summary, err
}

func identity(t target.Target) store.Identity {
	return store.Identity{Name: t.Node, UID: t.UID, Boot: t.Boot, CPU: t.CPU, Memory: t.Memory, Swap: t.Swap}
}

func hasContainers(n *sample.Node) bool {
	for i := range n.Pods {
		if len(n.Pods[i].Containers) > 0 {
			return true
		}
	}
	return false
}
