package scrape

import (
	"context"
	"slices"

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
	err := l.manager.askSample(ctx, v.ask(t.SummaryURL), l.manager.summary, func(n *sample.Node) error {
		left = l.manager.sink.Suggest(l.identity(t), n, l.manager.pods)
		return nil
	})
	if err == nil || ctx.Err() != nil {
		return left
	}
	code := causeOf(err).Code
	klog.FromContext(ctx).V(2).Info("Kubelet does not tell its own rates", "node", t.Node, "cause", code, "err", err)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.status.ratesRefused = slices.Contains([]string{"unauthenticated", "forbidden", "not_found"}, code)
	return left
}

func (l *loop) ratesRefused() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status.ratesRefused
}
