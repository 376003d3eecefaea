package scrape

import "k8s.io/component-base/metrics"

var (
	nodesDesc = metrics.NewDesc("plimsoll_nodes", "Nodes by state: ok, pending, or the cause of the failure.",
		[]string{"cluster", "state"}, nil, metrics.ALPHA, "")
	summaryDesc = metrics.NewDesc("plimsoll_nodes_through_summary",
		"Nodes that are read through /stats/summary because the endpoint of their source has no containers.",
		[]string{"cluster"}, nil, metrics.ALPHA, "")
)

// NodesCollector counts nodes by state whenever it is asked, so that a node that goes leaves nothing behind.
type NodesCollector struct {
	metrics.BaseStableCollector
	managers map[string]*Manager
}

// NewNodesCollector returns a collector of the managers' nodes, not yet registered. The managers are by the name of their
// cluster, which is empty for the home cluster.
func NewNodesCollector(managers map[string]*Manager) *NodesCollector {
	return &NodesCollector{managers: managers}
}

// DescribeWithStability implements metrics.StableCollector.
func (c *NodesCollector) DescribeWithStability(ch chan<- *metrics.Desc) {
	ch <- nodesDesc
	ch <- summaryDesc
}

// CollectWithStability implements metrics.StableCollector.
func (c *NodesCollector) CollectWithStability(ch chan<- metrics.Metric) {
	for cluster, m := range c.managers {
		p := m.Progress()
		gauge := func(desc *metrics.Desc, n int, labels ...string) {
			ch <- metrics.NewLazyConstMetric(desc, metrics.GaugeValue, float64(n), append([]string{cluster}, labels...)...)
		}
		ok := p.Settled
		for cause, n := range p.Failing {
			ok -= n
			gauge(nodesDesc, n, cause)
		}
		gauge(nodesDesc, ok, "ok")
		gauge(nodesDesc, p.Nodes-p.Settled, "pending")
		gauge(summaryDesc, p.ThroughSummary)
	}
}
