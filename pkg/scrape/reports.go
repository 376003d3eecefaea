package scrape

import (
	"context"
	"sync"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// reportPause is how long a cause that was logged of a node is not logged of it again, where others or successes came in between.
const reportPause = 10 * time.Minute

// reports is what was logged of a node. It stays while the node is refused, and goes with the node. It is safe for concurrent use.
type reports struct {
	mu sync.Mutex
	// logged is when each cause was last logged, by its code; nil where none was. The codes are a small fixed set.
	logged map[string]time.Time
}

// isNew is true where a cause was not logged for a while, and counts it as logged.
func (r *reports) isNew(code string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for c, at := range r.logged {
		if now.Sub(at) >= reportPause {
			delete(r.logged, c)
		}
	}
	if _, logged := r.logged[code]; logged {
		return false
	}
	if r.logged == nil {
		r.logged = map[string]time.Time{}
	}
	r.logged[code] = now
	return true
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
