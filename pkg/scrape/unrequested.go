package scrape

import (
	"context"

	"k8s.io/klog/v2"
)

// unrequestedBytes is the reason of plimsoll_kubelet_connections_closed_total for bytes that no request asked for.
const unrequestedBytes = "unrequested_bytes"

// countUnrequested counts a connection that is closed because the kubelet sent bytes that no request asked for, and logs the node, which no
// metric names.
func (l *loop) countUnrequested(ctx context.Context) {
	m := l.manager.metrics
	m.closed.WithLabelValues(m.cluster, unrequestedBytes).Inc()
	if !l.reports.isNew(unrequestedBytes) {
		return
	}
	l.mu.Lock()
	node := l.target.Node
	l.mu.Unlock()
	klog.FromContext(ctx).Info("Kubelet sent bytes that no request asked for, so the connection was closed: check that its address is that of a kubelet",
		"node", node)
}
