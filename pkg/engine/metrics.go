package engine

import (
	"cmp"
	"fmt"
	"time"

	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// Metrics count the queries of one cluster's engines. No label names a node or an engine.
type Metrics struct {
	// cluster is empty for the home cluster.
	cluster  string
	queries  *metrics.CounterVec
	duration *metrics.HistogramVec
	bytes    *metrics.CounterVec
	nodes    *metrics.CounterVec
}

// NewMetrics makes the metrics of all clusters, as those of the home cluster, and registers them. Of returns the same ones for another cluster.
func NewMetrics(register func(metrics.Registerable) error) (*Metrics, error) {
	counter := func(name, help string, labels ...string) *metrics.CounterVec {
		return metrics.NewCounterVec(&metrics.CounterOpts{Name: name, Help: help, StabilityLevel: metrics.ALPHA}, append([]string{"cluster"}, labels...))
	}
	m := &Metrics{
		queries: counter("plimsoll_engine_queries_total", "Queries of Prometheus-compatible engines, by result: success or the reason of the failure.", "result"),
		bytes:   counter("plimsoll_engine_response_bytes_total", "Bytes of the responses of Prometheus-compatible engines."),
		nodes:   counter("plimsoll_engine_nodes_total", "Nodes whose usage was read from an engine, once for each poll, by result: success or the reason of the failure.", "result"),
		duration: metrics.NewHistogramVec(&metrics.HistogramOpts{
			Name: "plimsoll_engine_query_duration_seconds", StabilityLevel: metrics.ALPHA,
			Help:    "How long queries of Prometheus-compatible engines took, until the response was read.",
			Buckets: metrics.ExponentialBucketsRange(0.001, 30, 13),
		}, []string{"cluster"}),
	}
	for _, metric := range []metrics.Registerable{m.queries, m.bytes, m.nodes, m.duration} {
		if err := register(metric); err != nil {
			return nil, fmt.Errorf("register the metric %s: %w", metric.FQName(), err)
		}
	}
	return m, nil
}

// Of returns the same metrics for another cluster, by its name.
func (m *Metrics) Of(cluster string) *Metrics {
	other := *m
	other.cluster = cluster
	return &other
}

func (m *Metrics) queried(took time.Duration, size int64, failed cause.Cause) {
	m.queries.WithLabelValues(m.cluster, cmp.Or(failed.Label(), "success")).Inc()
	m.bytes.WithLabelValues(m.cluster).Add(float64(size))
	m.duration.WithLabelValues(m.cluster).Observe(took.Seconds())
}

func (m *Metrics) read(failed cause.Cause) {
	m.nodes.WithLabelValues(m.cluster, cmp.Or(failed.Label(), "success")).Inc()
}
