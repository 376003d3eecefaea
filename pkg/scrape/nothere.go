package scrape

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// Servers say by several status codes that they have no such endpoint. Kubelets say 404; virtual kubelets without numbers say 501, and
// servers that know the path under another method 405.
var noEndpoint = []int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented}

// statusOf is the status code of an answer other than 200; 0 where the error is another one.
func statusOf(err error) int {
	if e, ok := errors.AsType[*kubelet.StatusError](err); ok {
		return e.Code
	}
	return 0
}

// hasNoEndpoint is true where an answer says that there is no such endpoint, whatever the query.
func hasNoEndpoint(err error) bool { return slices.Contains(noEndpoint, statusOf(err)) }

// mayRefuseQuery is true where an answer may be about the query: 400, and 500 unless the scrape before ended with it too. A server that fails
// each time is not asked twice each time.
func (v view) mayRefuseQuery(err error) bool {
	code := statusOf(err)
	return code == http.StatusBadRequest || code == http.StatusInternalServerError && v.lastStatus != code
}

// hasQuery is true where a URL asks for a part of what is there.
func hasQuery(address string) bool { return strings.Contains(address, "?") }

// withoutQuery is a URL that asks for all that is there.
func withoutQuery(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}

// putEither puts what the node answers at its URL, without the query where that may be what the kubelet refuses.
func (l *loop) putEither(ctx context.Context, v view) (store.Summary, error) {
	if l.isBare(v.target.URL) {
		summary, err := l.putBare(ctx, v)
		if err != nil {
			l.setBare(v, false)
		}
		return summary, err
	}
	summary, err := l.put(ctx, v)
	if err == nil || !v.mayRefuseQuery(err) {
		return summary, err
	}
	return l.retryBare(ctx, v, summary, err)
}

// retryBare asks once more without the query, and remembers where that helps. Where it does not the error stays the first one.
func (l *loop) retryBare(ctx context.Context, v view, first store.Summary, why error) (store.Summary, error) {
	if !hasQuery(v.target.URL) {
		return first, why
	}
	summary, err := l.putBare(ctx, v)
	summary.Rejected.Merge(first.Rejected)
	if err != nil {
		return summary, why
	}
	l.setBare(v, true)
	return summary, nil
}

func (l *loop) putBare(ctx context.Context, v view) (store.Summary, error) {
	v.target.URL = withoutQuery(v.target.URL)
	return l.put(ctx, v)
}

// isBare is true while a URL is asked without its query.
func (l *loop) isBare(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.bare[address].over()
}

// setBare remembers for a while whether a URL is asked without its query, unless the target has changed since the scrape began.
func (l *loop) setBare(v view, bare bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.target != v.aimed:
	case !bare:
		delete(l.bare, v.target.URL)
	case l.bare == nil:
		l.bare = map[string]fallback{v.target.URL: fallback{}.again()}
	default:
		l.bare[v.target.URL] = l.bare[v.target.URL].again()
	}
}
