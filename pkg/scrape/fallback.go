package scrape

import (
	"context"
	"slices"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/store"
)

// A node is read through its summary for a while before its other endpoint is tried again: a kubelet that has just started may lack
// its containers once, and one that always did may have been upgraded. The while doubles each time, from the first to the last.
const (
	firstFallback = time.Minute
	lastFallback  = time.Hour
)

// fallback is since when, and for how long, a node is read through its summary although its source reads the other endpoint; zero
// where it is not.
type fallback struct {
	since time.Time
	long  time.Duration
}

func (f fallback) on() bool { return !f.since.IsZero() }

func (f fallback) over() bool { return !f.on() || time.Since(f.since) >= f.long }

func (f fallback) again() fallback {
	return fallback{since: time.Now(), long: min(max(2*f.long, firstFallback), lastFallback)}
}

// lacksContainers is true where the summary may have what this answer did not: the endpoint is not there, or not with that query, or says
// nothing of the containers that run.
func (v view) lacksContainers(err error) bool {
	return hasNoEndpoint(err) || v.mayRefuseQuery(err) || slices.Contains([]string{"no_containers", "empty"}, causeOf(err).Code)
}

// scrape asks one node and puts what it answers. Where the answer lacks the containers the summary is asked at once, and from
// then on, until it fails. Where that has none either, and there seemed to be no endpoint, it is asked for without the query at last.
// It returns the view that gave the answer.
func (l *loop) scrape(ctx context.Context, v view) (view, store.Summary, error) {
	summary, err := l.putEither(ctx, v)
	switch {
	case (err == nil) != v.fellBack:
		// The endpoint has containers after all, or the summary has no answer: the next look begins anew.
		l.setFallback(ctx, v, fallback{})
	case err != nil && v.target.SummaryURL != "" && v.lacksContainers(err):
		var used view
		if used, summary, err = l.fallBack(ctx, v, summary, err); err == nil {
			return used, summary, nil
		}
	}
	if hasNoEndpoint(err) {
		summary, err = l.retryBare(ctx, v, summary, err)
	}
	return v, summary, err
}

// fallBack asks the summary instead. Where that fails too the error stays the one of the endpoint that the source names: that
// is what an operator looks for.
func (l *loop) fallBack(ctx context.Context, v view, first store.Summary, why error) (view, store.Summary, error) {
	through := v.throughSummary(l.manager)
	summary, err := l.putEither(ctx, through)
	if hasNoEndpoint(err) {
		summary, err = l.retryBare(ctx, through, summary, err)
	}
	summary.Rejected.Merge(first.Rejected)
	if err != nil {
		return v, summary, why
	}
	if !v.fallback.on() && l.reports.isNew("read through its summary") {
		klog.FromContext(ctx).Info("Kubelet is read through its summary: its other endpoint has no containers",
			"node", v.target.Node, "cause", causeOf(why).Code)
	}
	l.setFallback(ctx, v, v.fallback.again())
	return through, summary, nil
}

// setFallback remembers how the node is to be read, unless it has changed since the look began.
func (l *loop) setFallback(ctx context.Context, v view, f fallback) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.target != v.aimed {
		return
	}
	if l.fallback.on() && !f.on() && l.reports.isNew("no longer read through its summary") {
		klog.FromContext(ctx).Info("Kubelet is no longer read through its summary", "node", v.target.Node)
	}
	l.fallback = f
}
