package scrape

import (
	"context"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// reportPause is how long a cause that was logged of a node is not logged of it again, where others or successes came in between.
const reportPause = 10 * time.Minute

// reports is when each cause of a node was last logged, by its code; nil where none was. The codes are a small fixed set.
type reports map[string]time.Time

// isNew is true where a cause was not logged for a while, and counts it as logged.
func (r *reports) isNew(code string) bool {
	now := time.Now()
	for c, at := range *r {
		if now.Sub(at) >= reportPause {
			delete(*r, c)
		}
	}
	if _, logged := (*r)[code]; logged {
		return false
	}
	if *r == nil {
		*r = reports{}
	}
	(*r)[code] = now
	return true
}

// isNewReport is reports.isNew for callers that do not hold mu.
func (l *loop) isNewReport(code string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reports.isNew(code)
}

// report logs a cause that has just appeared. It is quiet about a node that says itself that it is not ready, which is known already, and about a
// cause that comes and goes.
func (l *loop) report(ctx context.Context, t target.Target, cause Cause, err error) {
	logger := klog.FromContext(ctx)
	if isNew := l.reports.isNew(cause.Code); !t.Ready || !isNew {
		logger = logger.V(2)
	}
	values := []any{"node", t.Node, "cause", cause.Code, "explanation", cause.Text, "err", err}
	if tried := triedAddresses(err); tried != "" {
		values = append(values, "addresses", tried)
	}
	logger.Info("Kubelet cannot be scraped", values...)
}

// recovered logs that a node answers again, as quietly as what it failed for if that comes and goes. The caller holds mu.
func (l *loop) recovered(ctx context.Context) {
	logger := klog.FromContext(ctx)
	if isNew := l.reports.isNew(""); !isNew {
		logger = logger.V(2)
	}
	logger.Info("Kubelet answers again", "node", l.target.Node, "after", time.Since(l.status.since).Round(time.Second))
}
