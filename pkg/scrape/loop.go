package scrape

import (
	"context"
	"slices"
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
	// begun is when the first look succeeded; zero before.
	begun time.Time
	// settled is true once there are numbers for all, or a known reason why not.
	settled bool
	// again is true where the next look comes out of turn.
	again bool
	// ratesRefused is true once the kubelet refused to tell its own rates: it is not asked again.
	ratesRefused bool
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
}

func (l *loop) scrape(ctx context.Context, t target.Target) (summary store.Summary, err error) {
	err = l.manager.ask(ctx, t.URL, l.manager.decode, func(n *sample.Node) error {
		if !hasContainers(n) && l.manager.pods.Running(t.Node) {
			summary.Rejected = n.Rejected
			return errNoContainers
		}
		summary = l.manager.sink.Put(identity(t), n, l.manager.pods)
		return nil
	})
	return summary, err
}

// askRates asks the kubelet for its own rates, where readings that move slowly give none, and returns how many still lack one.
// Failing costs nothing: our own come with the next readings.
func (l *loop) askRates(ctx context.Context, t target.Target, rateless int) (left int) {
	if t.RatesURL == "" || l.ratesRefused() {
		return rateless
	}
	left = rateless
	err := l.manager.ask(ctx, t.RatesURL, l.manager.rates, func(n *sample.Node) error {
		left = l.manager.sink.Suggest(identity(t), n, l.manager.pods)
		return nil
	})
	if err == nil || ctx.Err() != nil {
		return left
	}
	code := causeOf(err).Code
	klog.FromContext(ctx).V(2).Info("Kubelet does not tell its own rates", "node", t.Node, "cause", code, "err", err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.ratesRefused = slices.Contains([]string{"unauthenticated", "forbidden", "not_found"}, code)
	return left
}

func (l *loop) ratesRefused() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status.ratesRefused
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

func (l *loop) succeeded(ctx context.Context, s store.Summary, second bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.status.cause.Code != "" {
		klog.FromContext(ctx).Info("Kubelet answers again", "node", l.target.Node, "after", time.Since(l.status.since).Round(time.Second))
	}
	klog.FromContext(ctx).V(4).Info("Scraped", "node", l.target.Node, "pods", s.Pods, "whole", s.Whole, "rejected", s.Rejected.Total())
	// Whole seconds, which the other endpoint tells, are too coarse for a rate between two looks so close.
	again := !second && s.Young > 0 && l.target.RatesURL != ""
	begun := l.status.begun
	if begun.IsZero() {
		begun = time.Now()
	}
	l.status = status{
		successes:    l.status.successes + 1,
		begun:        begun,
		settled:      l.status.settled || s.Rateless == 0 || time.Since(begun) >= settleTime,
		again:        again,
		ratesRefused: l.status.ratesRefused,
	}
}

// settleTime is how long a node may take until all its pods have a rate: two of cAdvisor's readings, and a little.
const settleTime = 45 * time.Second

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
	l.status = status{
		failures: l.status.failures + 1, since: since, cause: cause,
		begun: l.status.begun, settled: true, ratesRefused: l.status.ratesRefused,
	}
}

// report is quiet about a node that says itself that it is not ready: it is known already.
func (l *loop) report(ctx context.Context, t target.Target, cause Cause, err error) {
	logger := klog.FromContext(ctx)
	if !t.Ready {
		logger = logger.V(2)
	}
	logger.Info("Kubelet cannot be scraped", "node", t.Node, "cause", cause.Code, "explanation", cause.Text, "err", err)
}
