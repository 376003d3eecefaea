package scrape

import (
	"context"
	"net/http"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// A node is scraped in another way for a while before the way that its source names is tried again: a kubelet that has just started may be without its
// containers once, and one that always was may have been upgraded. The while doubles each time, between these bounds.
const (
	minFallback = time.Minute
	maxFallback = time.Hour
)

// fallback is the way in which a node is scraped instead, since when and for how long; zero where it is scraped as its source says.
type fallback struct {
	way      way
	since    time.Time
	duration time.Duration
}

func (f fallback) isOver() bool { return time.Since(f.since) >= f.duration }

// next is the fallback to a way that begins now, after this one.
func (f fallback) next(w way) fallback {
	return fallback{way: w, since: time.Now(), duration: min(max(2*f.duration, minFallback), maxFallback)}
}

// scrape puts a sample of the node. Where the way that the source names fails, the others that its error leaves open are tried at once, and the one
// that succeeds is used from then on until it fails. It returns the attempt that succeeded.
func (n *nodeScraper) scrape(ctx context.Context, a attempt) (attempt, store.PutResult, error) {
	result, err := n.put(ctx, a)
	own := a.way == way{}
	switch {
	case err != nil && own:
		return n.scrapeOtherwise(ctx, a, result, err)
	case err != nil || own:
		n.setFallback(ctx, a, fallback{}, "") // The next scrape begins anew.
	}
	return a, result, err
}

// scrapeOtherwise puts a sample that comes in another way. Where all fail, the error is that of the way that the source names: an operator looks for
// that one. Where the kubelet has no such endpoint, it is that of the last endpoint that it has.
func (n *nodeScraper) scrapeOtherwise(ctx context.Context, a attempt, first store.PutResult, firstErr error) (attempt, store.PutResult, error) {
	latest, failure := firstErr, firstErr
	for _, w := range a.otherWays(firstErr) {
		other, ok := a.by(w, n.manager)
		if !ok || w == summaryWithoutQuery && !a.mayRejectQuery(latest) && !reason.HasNoEndpoint(latest) {
			continue
		}
		result, err := n.put(ctx, other)
		first.Rejected.Merge(result.Rejected)
		if err == nil {
			result.Rejected = first.Rejected
			n.setFallback(ctx, a, a.fallback.next(w), reason.Of(firstErr).Label())
			return other, result, nil
		}
		latest = err
		if reason.HasNoEndpoint(failure) && !reason.HasNoEndpoint(err) {
			failure = err
		}
	}
	return a, first, failure
}

var (
	withoutQuery        = way{withoutQuery: true}
	throughSummary      = way{summary: true}
	summaryWithoutQuery = way{summary: true, withoutQuery: true}
)

// otherWays are those that may bring what the way of the source does not: the response may be about the query, there is no endpoint, or the endpoint
// has nothing of the containers that run.
func (a attempt) otherWays(err error) []way {
	code := reason.Of(err).Label()
	switch {
	case a.mayRejectQuery(err):
		return []way{withoutQuery, throughSummary, summaryWithoutQuery}
	case reason.HasNoEndpoint(err):
		return []way{throughSummary, summaryWithoutQuery, withoutQuery}
	case code == "no_containers" || code == "empty":
		return []way{throughSummary, summaryWithoutQuery}
	}
	return nil
}

// mayRejectQuery is true where a response may be about the query: 400, and 500 unless the scrape before ended with it too. A server that always
// fails does not get two requests each time.
func (a attempt) mayRejectQuery(err error) bool {
	code := reason.Status(err)
	return code == http.StatusBadRequest || code == http.StatusInternalServerError && a.before.httpStatus != code
}

// setFallback keeps how the node is to be scraped, unless the target has changed since the attempt began, and logs where that begins or ceases to be
// the summary, with the reason why.
func (n *nodeScraper) setFallback(ctx context.Context, a attempt, f fallback, why string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.target != a.original {
		return
	}
	n.fallback = f
	switch {
	case f.way.summary && n.logged.Set("endpoint", "summary"):
		klog.FromContext(ctx).Info("Node is scraped through the kubelet's summary: the other endpoint has no containers", "node", a.target.Node, "reason", why)
	case !f.way.summary && n.logged.Set("endpoint", ""):
		klog.FromContext(ctx).Info("Node is no longer scraped through the kubelet's summary", "node", a.target.Node)
	}
}
