package scrape

import (
	"context"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// status is what the looks at a node came to.
type status struct {
	// successes and failures count looks in a row.
	successes, failures int
	// since is when the cause appeared; it is set where the cause is.
	since time.Time
	cause Cause
	// code is the status code of the newest answer where that was an error; 0 otherwise.
	code int
	// tried lists the addresses that were tried in vain, where there were several.
	tried string
	// ripe is from when on another look gives a rate where readings are made on demand; set where the newest look succeeded.
	ripe time.Time
	// begun is when the first look succeeded; zero before.
	begun time.Time
	// settled is true once there are numbers for all, or a known reason why not.
	settled bool
	// again is true where the next look comes out of turn.
	again bool
	// ratesRefused is true once the kubelet refused to tell its own rates: it is not asked again.
	ratesRefused bool
}

// succeeded is true where the node is one of the first that are back after an outage.
func (l *loop) succeeded(ctx context.Context, s store.Summary, v view, asked time.Time) (endsOutage bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setUnscraped(false)
	endsOutage = l.failing && l.manager.outage.isOn()
	l.setFailing(false)
	if l.status.cause.Code != "" {
		l.recovered(ctx)
	}
	klog.FromContext(ctx).V(4).Info("Scraped", "node", l.target.Node, "throughSummary", v.fellBack, "pods", s.Pods, "whole", s.Whole, "rejected", s.Rejected.Total())
	// Whole seconds, which the other endpoint tells, are too coarse for a rate between two looks so close.
	again := !v.second && s.Young > 0 && v.target.SummaryURL != ""
	begun := l.status.begun
	if begun.IsZero() {
		begun = time.Now()
	}
	l.status = status{
		successes:    l.status.successes + 1,
		ripe:         ripe(asked, time.Now()),
		begun:        begun,
		settled:      l.status.settled || s.Rateless == 0 || time.Since(begun) >= settleTime,
		again:        again,
		ratesRefused: l.status.ratesRefused,
	}
	return endsOutage
}

// ripe is a second and a half after a kubelet was asked. Where it was slow it may have made its readings at any time until its answer was
// there, so no more than a quarter of that time counts.
func ripe(asked, answered time.Time) time.Time {
	const credit = secondLook / 4
	return answered.Add(secondLook - min(answered.Sub(asked), credit))
}

// settleTime is how long a node may take until all its pods have a rate: two of cAdvisor's readings, and a little.
const settleTime = 45 * time.Second

// failed has a cause logged when it appears.
func (l *loop) failed(ctx context.Context, t target.Target, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.setUnscraped(false)
	cause := causeOf(err)
	since := l.status.since
	if l.status.cause.Code != cause.Code {
		since = time.Now()
		l.report(ctx, t, cause, err)
	}
	l.setFailing(true)
	failures := l.status.failures + 1
	if isAbsurd(err) {
		failures = max(failures, patience)
	}
	if l.manager.outage.isOn() {
		failures = min(failures, patience-1) // What fails while all do is not held against the node afterwards.
	}
	l.status = status{
		failures: failures, since: since, cause: cause, tried: triedAddresses(err), code: statusOf(err),
		begun: l.status.begun, settled: true, ratesRefused: l.status.ratesRefused,
	}
}
