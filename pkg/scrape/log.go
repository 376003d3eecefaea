package scrape

import (
	"context"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// logFailure logs a reason that is new. Only with verbosity 2 it logs that of a node that is not ready, which is known, and one that comes and goes.
func (n *nodeScraper) logFailure(ctx context.Context, t target.Target, r reason.Reason, err error) {
	logger := klog.FromContext(ctx)
	if isNew := n.logged.IsNew(r.Code); !t.Ready || !isNew {
		logger = logger.V(2)
	}
	values := []any{"node", t.Node, "reason", r.Code, "message", r.Message, "err", err}
	if addresses := reason.Addresses(err); addresses != "" {
		values = append(values, "addresses", addresses)
	}
	logger.Info("Node cannot be scraped", values...)
}

// logRecovery logs that a node is scraped again, with verbosity 2 where that comes and goes. The caller holds mu.
func (n *nodeScraper) logRecovery(ctx context.Context) {
	logger := klog.FromContext(ctx)
	if isNew := n.logged.IsNew(""); !isNew {
		logger = logger.V(2)
	}
	logger.Info("Node is scraped again", "node", n.target.Node, "after", time.Since(n.status.since).Round(time.Second))
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

// logClock logs when the server's own clock begins to be behind those of most nodes, and when it ceases to be.
func (m *Manager) logClock(ctx context.Context, by time.Duration) {
	if !m.clockBehind.Set(by > 0) {
		return
	}
	logger := klog.FromContext(ctx)
	if by > 0 {
		logger.Info("The clock of this server is behind those of most nodes: set it, for example by NTP. Until then the readings of nodes are not checked against it",
			"behind", by.Round(time.Second))
		return
	}
	logger.Info("The clock of this server agrees with those of most nodes again")
}
