package compatibility

import (
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/pkg/scrape"
)

// Scrapes are the scrapes of the nodes of one cluster.
type Scrapes interface {
	// NodeAttempts returns the attempts at each node that exists.
	NodeAttempts() []scrape.NodeAttempts
	// ClusterAttempts returns the attempts at all nodes together.
	ClusterAttempts() scrape.ClusterAttempts
}

// Points counts what the API would serve now: nodes, and containers of pods.
type Points func() (nodes, containers int)

// Collector computes the metrics whenever they are read, so that a node that goes leaves no series behind.
type Collector struct {
	metrics.BaseStableCollector
	scrapes Scrapes
	points  Points

	requests, lastRequest, duration, ticks, stored *metrics.Desc
}

// NewCollector returns a collector that is not yet registered.
func NewCollector(scrapes Scrapes, points Points) *Collector {
	return &Collector{
		scrapes: scrapes, points: points,
		requests: describe("kubelet_request_total", "Scrapes of kubelets, by success.", "success"),
		lastRequest: describe("kubelet_last_request_time_seconds",
			"When the newest scrape of the node ended, successful or not, in seconds since 1970.", "node"),
		duration: describe("kubelet_request_duration_seconds",
			"How long scrapes of the node took, from the request to the store.", "node"),
		ticks: describe("manager_tick_duration_seconds",
			"The longest scrape of a node in each interval of one resolution."),
		stored: describe("storage_points", "Nodes and containers that have numbers to be served.", "type"),
	}
}

// describe names a metric as metrics-server does.
func describe(name, help string, labels ...string) *metrics.Desc {
	return metrics.NewDesc("metrics_server_"+name, help, labels, nil, metrics.ALPHA, "")
}

// DescribeWithStability implements metrics.StableCollector.
func (c *Collector) DescribeWithStability(ch chan<- *metrics.Desc) {
	for _, d := range []*metrics.Desc{c.requests, c.lastRequest, c.duration, c.ticks, c.stored} {
		ch <- d
	}
}

// CollectWithStability implements metrics.StableCollector.
func (c *Collector) CollectWithStability(ch chan<- metrics.Metric) {
	value := func(d *metrics.Desc, kind metrics.ValueType, v float64, labels ...string) {
		ch <- metrics.NewLazyConstMetric(d, kind, v, labels...)
	}
	all := c.scrapes.ClusterAttempts()
	value(c.requests, metrics.CounterValue, float64(all.Succeeded), "true")
	value(c.requests, metrics.CounterValue, float64(all.Failed), "false")
	ch <- histogram(c.ticks, all.Rounds)
	for _, node := range c.scrapes.NodeAttempts() {
		value(c.lastRequest, metrics.GaugeValue, float64(node.Last.Unix()), node.Node)
		ch <- histogram(c.duration, node.Durations, node.Node)
	}
	nodes, containers := c.points()
	value(c.stored, metrics.GaugeValue, float64(nodes), "node")
	value(c.stored, metrics.GaugeValue, float64(containers), "container")
}

// histogram makes a metric of h. Prometheus counts in each bucket what the buckets before it have too.
func histogram(d *metrics.Desc, h scrape.Histogram, labels ...string) metrics.Metric {
	buckets, n := map[float64]uint64{}, uint64(0)
	for i, count := range h.Counts {
		n += count
		if i < len(h.Bounds) {
			buckets[h.Bounds[i]] = n
		}
	}
	// The library has no histograms with given values, but describes any metric of its own.
	described := metrics.NewLazyConstMetric(d, metrics.UntypedValue, 0, labels...).Desc()
	return prometheus.MustNewConstHistogram(described, n, h.Sum, buckets, labels...)
}
