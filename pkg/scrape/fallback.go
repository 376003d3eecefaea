package scrape

import (
	"context"
	"slices"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/store"
)

// fallbackMemory is how long a node is read through its summary before its other endpoint is tried again: a kubelet may have
// been upgraded, or its runtime.
const fallbackMemory = time.Hour

// lacksContainers is true where the summary may have what this answer did not: the endpoint is not there, or says nothing
// of the containers that run.
func lacksContainers(err error) bool {
	return slices.Contains([]string{"not_found", "no_containers", "empty"}, causeOf(err).Code)
}

// scrape asks one node and puts what it answers. Where the answer lacks the containers the summary is asked at once, and from
// then on, until it fails.
// It returns the view that gave the answer.
func (l *loop) scrape(ctx context.Context, v view) (view, store.Summary, error) {
	summary, err := l.put(ctx, v)
	switch {
	case (err == nil) != v.fellBack:
		// The endpoint has containers after all, or the summary has no answer: the next look begins anew.
		l.fellBack(time.Time{})
	case err == nil:
	case v.target.SummaryURL != "" && lacksContainers(err):
		return l.fallBack(ctx, v, err)
	}
	return v, summary, err
}

// fallBack asks the summary instead. Where that fails too the error stays the one of the endpoint that the source names: that
// is what an operator looks for.
func (l *loop) fallBack(ctx context.Context, v view, why error) (view, store.Summary, error) {
	through := v.throughSummary(l.manager)
	summary, err := l.put(ctx, through)
	if err != nil {
		return v, summary, why
	}
	klog.FromContext(ctx).Info("Kubelet is read through its summary: its other endpoint has no containers",
		"node", v.target.Node, "cause", causeOf(why).Code)
	l.fellBack(time.Now())
	return through, summary, nil
}

// fellBack remembers since when the node is read through its summary; zero for not any more.
func (l *loop) fellBack(since time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.summarySince = since
}
