package scrape

import (
	"context"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// scraping is the subject of what is logged of the scrapes of a node. Its state is the label of the cause for which they fail; empty where they succeed.
const scraping = "scraping"

// logFailure logs why the node cannot be scraped, unless that is what the log has of it. Only with verbosity 2 it logs the changes of a node that is not
// ready, which is known, and of reasons that come and go. The caller holds mu.
func (n *nodeScraper) logFailure(ctx context.Context, t target.Target, failed cause.Cause, err error) {
	logger := klog.FromContext(ctx)
	if !t.Ready || !n.logged.Set(scraping, failed.Label()) {
		if n.status.cause == failed {
			return
		}
		logger = logger.V(2)
	}
	values := []any{"node", t.Node, "reason", failed.Label(), "message", failed.Message(), "err", err}
	if addresses := reason.Addresses(err); addresses != "" {
		values = append(values, "addresses", addresses)
	}
	logger.Info("Node cannot be scraped", values...)
}

// logSuccess logs that a node is scraped again, unless that is what the log has of it; with verbosity 2 each time. The caller holds mu.
func (n *nodeScraper) logSuccess(ctx context.Context) {
	isNew, failed := n.logged.Set(scraping, ""), n.status.cause != cause.None
	if !isNew && !failed {
		return
	}
	logger, values := klog.FromContext(ctx), []any{"node", n.name}
	if !isNew {
		logger = logger.V(2)
	}
	if failed {
		values = append(values, "after", time.Since(n.status.since).Round(time.Second))
	}
	logger.Info("Node is scraped again", values...)
}

// reportUnrequestedBytes counts a connection that is closed because the kubelet sent bytes that no request asked for, and logs the node, which no
// metric names.
func (n *nodeScraper) reportUnrequestedBytes(ctx context.Context) {
	const code = "unrequested_bytes"
	m := n.manager.config.Metrics
	m.closed.WithLabelValues(m.cluster, code).Inc()
	if n.logged.IsNew(code) {
		klog.FromContext(ctx).Info("Kubelet sent bytes that no request asked for, so the connection was closed: check that the node's address is that of a kubelet",
			"node", n.name)
	}
}

// reportUnusual counts what is unusual in a response, and logs the node whose response the full parser read: no metric names it.
func (n *nodeScraper) reportUnusual(ctx context.Context, s *sample.Node) {
	m := n.manager.config.Metrics
	m.unexpected.WithLabelValues(m.cluster).Add(float64(s.Unexpected))
	if !s.FullParse {
		return
	}
	m.parsed.WithLabelValues(m.cluster).Inc()
	if n.logged.IsNew("full_parse") {
		klog.FromContext(ctx).Info("Kubelet's response is not written as kubelets write, which takes more CPU time to read: check that the node's address is that of a kubelet",
			"node", n.name)
	}
}

// logClock logs when the server's own clock begins to be behind those of most nodes, and when it ceases to be.
func (m *Manager) logClock(ctx context.Context, by time.Duration) {
	switch {
	case by > 0 && m.logged.Set("clock", "behind"):
		klog.FromContext(ctx).Info("The clock of this server is behind those of most nodes: set it, for example by NTP. Until then the readings of nodes are not checked against it",
			"behind", by.Round(time.Second))
	case by <= 0 && m.logged.Set("clock", ""):
		klog.FromContext(ctx).Info("The clock of this server agrees with those of most nodes again")
	}
}
