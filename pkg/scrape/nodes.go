package scrape

import "k8s.io/component-base/metrics"

var nodesDesc = metrics.NewDesc("plimsoll_nodes", "Nodes by state: ok, pending, or the cause of the failure.",
	[]string{"state"}, nil, metrics.ALPHA, "")

// NodesCollector counts the manager's nodes by state whenever it is asked, so that a node that goes leaves nothing behind.
type NodesCollector struct {
	metrics.BaseStableCollector
	manager *Manager
}

// NewNodesCollector returns a collector of the manager's nodes, not yet registered.
func NewNodesCollector(m *Manager) *NodesCollector { return &NodesCollector{manager: m} }

// DescribeWithStability implements metrics.StableCollector.
func (c *NodesCollector) DescribeWithStability(ch chan<- *metrics.Desc) { ch <- nodesDesc }

// CollectWithStability implements metrics.StableCollector.
func (c *NodesCollector) CollectWithStability(ch chan<- metrics.Metric) {
	p := c.manager.Progress()
	ok := p.Settled
	for cause, n := range p.Failing {
		ok -= n
		ch <- metrics.NewLazyConstMetric(nodesDesc, metrics.GaugeValue, float64(n), cause)
	}
	ch <- metrics.NewLazyConstMetric(nodesDesc, metrics.GaugeValue, float64(ok), "ok")
	ch <- metrics.NewLazyConstMetric(nodesDesc, metrics.GaugeValue, float64(p.Nodes-p.Settled), "pending")
}
