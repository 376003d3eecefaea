package scrape

import (
	"cmp"
	"context"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// status is the result of the scrapes of a node.
type status struct {
	// successes and failures count scrapes in a row.
	successes, failures int
	// cause is why the latest scrape failed, since when for that cause, and addresses lists those that took no connection, where there were several.
	cause     cause.Cause
	since     time.Time
	addresses string
	// err is the error of the latest scrape, shortened; empty where it succeeded.
	err string
	// httpStatus is the status code of the latest response where that was an error; 0 otherwise.
	httpStatus int
	// followUp is true where the next scrape follows closely, and notBefore from when on it gives a rate where readings are made on demand.
	followUp  bool
	notBefore time.Time
	// firstSuccess is when the first scrape succeeded; zero before.
	firstSuccess time.Time
	// settled is true once there is usage for every pod, or a known reason why not.
	settled bool
	// ratesRefused is true once the kubelet refused to serve its own rates: they are not requested again.
	ratesRefused bool
}

// settleTime is how long a node may take until all its pods have a rate: two of cAdvisor's readings, and a little.
const settleTime = 45 * time.Second

// succeeded keeps a success. It is true where the node is one of the first to be scraped again after an outage.
func (n *nodeScraper) succeeded(ctx context.Context, r store.PutResult, a attempt) (endsOutage bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	endsOutage = n.failing && n.manager.outage.isOn()
	n.setStates(false, false)
	n.logSuccess(ctx)
	klog.FromContext(ctx).V(4).Info("Scraped", "node", n.target.Node, "throughSummary", a.way.summary, "pods", r.Pods, "complete", r.Complete, "rejected", r.Rejected.Total())
	now := time.Now()
	first := cmp.Or(n.status.firstSuccess, now)
	n.lastSuccess = now
	n.status = status{
		successes: n.status.successes + 1,
		// The times of the summary are whole seconds, which is too coarse for a rate between two scrapes so close.
		followUp:     !a.before.followUp && r.FirstSeen > 0 && a.target.SummaryURL != "",
		notBefore:    followUpTime(n.sentAt, now),
		firstSuccess: first,
		settled:      n.status.settled || r.WithoutRate == 0 || now.Sub(first) >= settleTime,
		ratesRefused: n.status.ratesRefused,
	}
	return endsOutage
}

// followUpTime is followUpDelay after a request was sent. A slow kubelet may have made its readings at any time before its response came, so no more
// than a quarter of the delay counts from before that.
func followUpTime(sentAt, received time.Time) time.Time {
	return received.Add(followUpDelay - min(received.Sub(sentAt), followUpDelay/4))
}

// failed keeps a failure.
func (n *nodeScraper) failed(ctx context.Context, t target.Target, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	failed, since := reason.Of(err), n.status.since
	n.logFailure(ctx, t, failed, err)
	if n.status.cause != failed {
		since = time.Now()
	}
	n.setStates(true, false)
	failures := n.status.failures + 1
	if isExcessive(err) {
		failures = max(failures, backOffAfter)
	}
	if n.manager.outage.isOn() {
		failures = min(failures, backOffAfter-1) // Failures while all nodes fail do not delay the node afterwards.
	}
	n.status = status{
		failures: failures, cause: failed, since: since, addresses: reason.Addresses(err), err: excerpt.Of(err.Error()), httpStatus: reason.Status(err),
		firstSuccess: n.status.firstSuccess, settled: true, ratesRefused: n.status.ratesRefused,
	}
}
