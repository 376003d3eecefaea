package scrape

import (
	"context"
	"net/http"
	"slices"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// askRates asks the kubelet for its own rates, where readings that move slowly give none, and returns how many still lack one.
// Failing costs nothing: our own come with the next readings.
func (l *loop) askRates(ctx context.Context, v view, rateless int) (left int) {
	t := v.target
	if t.SummaryURL == "" || l.ratesRefused() {
		return rateless
	}
	left = rateless
	err := l.askRatesAt(ctx, v, t.SummaryURL, &left)
	if hasNoEndpoint(err) || statusOf(err) == http.StatusBadRequest {
		err = l.askRatesAt(ctx, v, withoutQuery(t.SummaryURL), &left)
	}
	if err == nil || ctx.Err() != nil {
		return left
	}
	code := causeOf(err).Code
	klog.FromContext(ctx).V(2).Info("Kubelet does not tell its own rates", "node", t.Node, "cause", code, "err", err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.ratesRefused = slices.Contains([]string{"unauthenticated", "forbidden", "not_found"}, code) || statusOf(err) == http.StatusBadRequest
	return left
}

func (l *loop) askRatesAt(ctx context.Context, v view, address string, left *int) error {
	return l.manager.askSample(ctx, v.ask(address), l.manager.summary, func(n *sample.Node, _ time.Time) error {
		*left = l.manager.sink.Suggest(l.identity(v.target), n)
		return nil
	})
}

func (l *loop) ratesRefused() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status.ratesRefused
}
