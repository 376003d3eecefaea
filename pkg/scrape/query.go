package scrape

import (
	"context"
	"net/http"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// mayRejectQuery is true where a response may be about the query: 400, and 500 unless the scrape before ended with it too. A server that always
// fails does not get two requests each time.
func (a attempt) mayRejectQuery(err error) bool {
	code := reason.Status(err)
	return code == http.StatusBadRequest || code == http.StatusInternalServerError && a.lastStatus != code
}

// putWithOrWithoutQuery is put, without the query where the kubelet may have rejected that.
func (n *nodeScraper) putWithOrWithoutQuery(ctx context.Context, a attempt) (store.Summary, error) {
	if n.isWithoutQuery(a.target.URL) {
		summary, err := n.putWithoutQuery(ctx, a)
		if err != nil {
			n.setWithoutQuery(a, false)
		}
		return summary, err
	}
	summary, err := n.put(ctx, a)
	if err == nil || !a.mayRejectQuery(err) {
		return summary, err
	}
	return n.retryWithoutQuery(ctx, a, summary, err)
}

// retryWithoutQuery repeats a put without the query, and remembers where that succeeds. Where it fails, the error is that of the first put.
func (n *nodeScraper) retryWithoutQuery(ctx context.Context, a attempt, first store.Summary, firstErr error) (store.Summary, error) {
	if !strings.Contains(a.target.URL, "?") {
		return first, firstErr
	}
	summary, err := n.putWithoutQuery(ctx, a)
	summary.Rejected.Merge(first.Rejected)
	if err != nil {
		return summary, firstErr
	}
	n.setWithoutQuery(a, true)
	return summary, nil
}

func (n *nodeScraper) putWithoutQuery(ctx context.Context, a attempt) (store.Summary, error) {
	a.target.URL = kubelet.WithoutQuery(a.target.URL)
	return n.put(ctx, a)
}

// isWithoutQuery is true while a URL is requested without its query.
func (n *nodeScraper) isWithoutQuery(url string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.withoutQuery[url].isOver()
}

// setWithoutQuery remembers for a while whether a URL is requested without its query, unless the target has changed since the attempt began.
func (n *nodeScraper) setWithoutQuery(a attempt, without bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case n.target != a.original:
	case !without:
		delete(n.withoutQuery, a.target.URL)
	case n.withoutQuery == nil:
		n.withoutQuery = map[string]fallback{a.target.URL: fallback{}.next()}
	default:
		n.withoutQuery[a.target.URL] = n.withoutQuery[a.target.URL].next()
	}
}
