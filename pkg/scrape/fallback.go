package scrape

import (
	"context"
	"slices"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// A node is scraped through its summary for a while before its other endpoint is tried again: a kubelet that has just started may be without its
// containers once, and one that always was may have been upgraded. The while doubles each time, between these bounds.
const (
	minFallback = time.Minute
	maxFallback = time.Hour
)

// fallback is since when, and for how long, another request replaces the source's own; zero where none does.
type fallback struct {
	since    time.Time
	duration time.Duration
}

func (f fallback) isOn() bool { return !f.since.IsZero() }

func (f fallback) isOver() bool { return !f.isOn() || time.Since(f.since) >= f.duration }

// next is the fallback that begins now, after this one.
func (f fallback) next() fallback {
	return fallback{since: time.Now(), duration: min(max(2*f.duration, minFallback), maxFallback)}
}

// isWithoutContainers is true where the summary may have what this response has not: there is no endpoint, or none with that query, or it has
// nothing of the containers that run.
func (a attempt) isWithoutContainers(err error) bool {
	return reason.HasNoEndpoint(err) || a.mayRejectQuery(err) || slices.Contains([]string{"no_containers", "empty"}, reason.Of(err).Code)
}

// scrape puts a sample of the node. Where the response is without containers, the summary is requested at once, and from then on until it fails.
// Where that has none either, and there seemed to be no endpoint, the query is left out at last. It returns the attempt that succeeded.
func (n *nodeScraper) scrape(ctx context.Context, a attempt) (attempt, store.Summary, error) {
	summary, err := n.putWithOrWithoutQuery(ctx, a)
	switch {
	case (err == nil) != a.isThroughSummary:
		// The endpoint has containers after all, or the summary failed: the next scrape begins anew.
		n.setFallback(ctx, a, fallback{})
	case err != nil && a.target.SummaryURL != "" && a.isWithoutContainers(err):
		var used attempt
		if used, summary, err = n.fallBack(ctx, a, summary, err); err == nil {
			return used, summary, nil
		}
	}
	if reason.HasNoEndpoint(err) {
		summary, err = n.retryWithoutQuery(ctx, a, summary, err)
	}
	return a, summary, err
}

// fallBack puts a sample of the summary instead. Where that fails too, the error is that of the endpoint that the source names: an operator looks
// for that one.
func (n *nodeScraper) fallBack(ctx context.Context, a attempt, first store.Summary, firstErr error) (attempt, store.Summary, error) {
	through := a.throughSummary(n.manager)
	summary, err := n.putWithOrWithoutQuery(ctx, through)
	if reason.HasNoEndpoint(err) {
		summary, err = n.retryWithoutQuery(ctx, through, summary, err)
	}
	summary.Rejected.Merge(first.Rejected)
	if err != nil {
		return a, summary, firstErr
	}
	if !a.fallback.isOn() && n.logged.IsNew("through summary") {
		klog.FromContext(ctx).Info("Node is scraped through the kubelet's summary: the other endpoint has no containers",
			"node", a.target.Node, "reason", reason.Of(firstErr).Code)
	}
	n.setFallback(ctx, a, a.fallback.next())
	return through, summary, nil
}

// setFallback keeps how the node is to be scraped, unless the target has changed since the attempt began.
func (n *nodeScraper) setFallback(ctx context.Context, a attempt, f fallback) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.target != a.original {
		return
	}
	if n.fallback.isOn() && !f.isOn() && n.logged.IsNew("not through summary") {
		klog.FromContext(ctx).Info("Node is no longer scraped through the kubelet's summary", "node", a.target.Node)
	}
	n.fallback = f
}
