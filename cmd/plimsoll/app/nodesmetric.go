package app

import "k8s.io/component-base/metrics"

var (
	nodesDesc = metrics.NewDesc("plimsoll_nodes", "Nodes by state: ok, pending, or the cause of the failure.",
		[]string{"cluster", "state"}, nil, metrics.ALPHA, "")
	summaryDesc = metrics.NewDesc("plimsoll_nodes_through_summary",
		"Nodes that are read through /stats/summary because the endpoint of their source has no containers.",
		[]string{"cluster"}, nil, metrics.ALPHA, "")
)

// nodesMetric counts nodes by state whenever the metrics are read, so that a node that is removed leaves no series behind.
type nodesMetric struct {
	metrics.BaseStableCollector
	// collectors are by the name of their cluster, which is empty for the home cluster.
	collectors map[string]Collector
}

// DescribeWithStability implements metrics.StableCollector.
func (m *nodesMetric) DescribeWithStability(ch chan<- *metrics.Desc) {
	ch <- nodesDesc
	ch <- summaryDesc
}

// CollectWithStability implements metrics.StableCollector.
func (m *nodesMetric) CollectWithStability(ch chan<- metrics.Metric) {
	for cluster, collector := range m.collectors {
		p := collector.Progress()
		gauge := func(desc *metrics.Desc, n int, labels ...string) {
			ch <- metrics.NewLazyConstMetric(desc, metrics.GaugeValue, float64(n), append([]string{cluster}, labels...)...)
		}
		for code, n := range p.Failing {
			gauge(nodesDesc, n, code)
		}
		gauge(nodesDesc, p.Settled-p.AllFailing(), "ok")
		gauge(nodesDesc, p.Nodes-p.Settled, "pending")
		gauge(summaryDesc, p.ThroughSummary)
	}
}
