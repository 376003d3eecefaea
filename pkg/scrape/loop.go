package scrape

import (
	"bytes"
	"context"
	"sync"
	"time"

	"k8s.io/klog/v2"

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
}

// status is what the looks at a node came to.
type status struct {
	// successes and failures count looks in a row.
	successes, failures int
	// since is when the cause appeared; it is set where the cause is.
	since time.Time
	cause Cause
	// settled is true once there are numbers for all, or a known reason why not.
	settled bool
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
	return l.schedule.next(time.Now(), l.status.successes, l.status.failures)
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
	l.status.successes, l.status.failures = 0, 0
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

func (l *loop) aimedAt() target.Target {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.target
}

// look fetches, decodes and puts once.
func (l *loop) look(ctx context.Context) {
	t := l.aimedAt()
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
	l.succeeded(ctx, summary)
}

func (l *loop) scrape(ctx context.Context, t target.Target) (store.Summary, error) {
	body := l.manager.bodies.Get().(*bytes.Buffer)
	defer l.manager.bodies.Put(body)
	body.Reset()
	if err := l.manager.fetcher.fetch(ctx, t.URL, body); err != nil {
		return store.Summary{}, err
	}
	received := time.Now()
	if err := l.manager.decoding.Acquire(ctx, 1); err != nil {
		return store.Summary{}, err
	}
	defer l.manager.decoding.Release(1)
	n, err := l.manager.decode(body.Bytes())
	if err != nil {
		return store.Summary{Rejected: n.Rejected}, err
	}
	if !hasContainers(&n) && l.manager.pods.Running(t.Node) {
		return store.Summary{Rejected: n.Rejected}, errNoContainers
	}
	n.Stamp(received.UnixNano())
	id := store.Identity{Name: t.Node, UID: t.UID, Boot: t.Boot, CPU: t.CPU}
	return l.manager.sink.Put(id, &n, l.manager.pods), nil
}

func hasContainers(n *sample.Node) bool {
	for i := range n.Pods {
		if len(n.Pods[i].Containers) > 0 {
			return true
		}
	}
	return false
}

func (l *loop) succeeded(ctx context.Context, s store.Summary) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.status.cause.Code != "" {
		klog.FromContext(ctx).Info("Kubelet answers again", "node", l.target.Node, "after", time.Since(l.status.since).Round(time.Second))
	}
	whole := s.Node && s.Whole == s.Pods
	l.status = status{
		successes: l.status.successes + 1,
		settled:   l.status.settled || whole || l.status.successes > 0 || !l.schedule.hurry,
	}
}

// failed logs a cause once, when it appears.
func (l *loop) failed(ctx context.Context, t target.Target, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	cause := causeOf(err)
	since := l.status.since
	if l.status.cause.Code != cause.Code {
		since = time.Now()
		l.report(ctx, t, cause, err)
	}
	l.status = status{failures: l.status.failures + 1, since: since, cause: cause, settled: true}
}

// report is quiet about a node that says itself that it is not ready: it is known already.
func (l *loop) report(ctx context.Context, t target.Target, cause Cause, err error) {
	logger := klog.FromContext(ctx)
	if !t.Ready {
		logger = logger.V(2)
	}
	logger.Info("Kubelet cannot be scraped", "node", t.Node, "cause", cause.Code, "explanation", cause.Text, "err", err)
}
