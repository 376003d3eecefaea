package compatibility

import "k8s.io/component-base/metrics"

// Points counts what the API would serve now: nodes, and containers of pods.
type Points func() (nodes, containers int)

// Collector counts the points whenever the metric is read.
type Collector struct {
	metrics.BaseStableCollector
	points Points
	stored *metrics.Desc
}

// NewCollector returns a collector that is not yet registered.
func NewCollector(points Points) *Collector {
	return &Collector{points: points, stored: metrics.NewDesc("metrics_server_storage_points",
		"Nodes and containers that have usage to be served.", []string{"type"}, nil, metrics.ALPHA, "")}
}

// DescribeWithStability implements metrics.StableCollector.
func (c *Collector) DescribeWithStability(ch chan<- *metrics.Desc) { ch <- c.stored }

// CollectWithStability implements metrics.StableCollector.
func (c *Collector) CollectWithStability(ch chan<- metrics.Metric) {
	nodes, containers := c.points()
	ch <- metrics.NewLazyConstMetric(c.stored, metrics.GaugeValue, float64(nodes), "node")
	ch <- metrics.NewLazyConstMetric(c.stored, metrics.GaugeValue, float64(containers), "container")
}
