package scrape

import (
	"context"
	"net/http"
	"slices"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// requestKubeletRates requests the kubelet's own rates, where readings that change rarely give none, and returns how many are still without one. A failure
// costs nothing: Plimsoll's own rates come with the next readings.
func (n *nodeScraper) requestKubeletRates(ctx context.Context, a attempt, withoutRate int) int {
	t, left, decoder := a.target, withoutRate, n.manager.config.SummaryDecoder
	if t.SummaryURL == "" || a.before.ratesRefused {
		return left
	}
	put := func(s *sample.Node, _ time.Time) error {
		left = n.manager.config.Store.PutKubeletRates(n.identity(t), s)
		return nil
	}
	err := n.getSample(ctx, a, t.SummaryURL, decoder, put)
	if reason.HasNoEndpoint(err) || reason.Status(err) == http.StatusBadRequest {
		err = n.getSample(ctx, a, kubelet.WithoutQuery(t.SummaryURL), decoder, put)
	}
	if err == nil || ctx.Err() != nil {
		return left
	}
	failed := reason.Of(err)
	klog.FromContext(ctx).V(2).Info("Kubelet does not serve its own rates", "node", t.Node, "reason", failed.Label(), "err", err)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.status.ratesRefused = slices.Contains([]cause.Cause{cause.KubeletUnauthenticated, cause.KubeletForbidden, cause.KubeletNotFound}, failed) || reason.Status(err) == http.StatusBadRequest
	return left
}
