package scrape

import (
	"cmp"
	"fmt"
	"time"

	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Metrics count the scrapes of one cluster. No label names a node.
type Metrics struct {
	// cluster is empty for the home cluster.
	cluster  string
	scrapes  *metrics.CounterVec
	duration *metrics.HistogramVec
	rejected *metrics.CounterVec
	closed   *metrics.CounterVec
	bytes    *metrics.CounterVec
	// unexpected counts containers, and parsed the responses that the full parser read.
	unexpected, parsed *metrics.CounterVec
}

// NewMetrics makes the metrics of all clusters, as those of the home cluster, and registers them. Of returns the same ones for another cluster.
func NewMetrics(register func(metrics.Registerable) error) (*Metrics, error) {
	counter := func(name, help string, labels ...string) *metrics.CounterVec {
		return metrics.NewCounterVec(&metrics.CounterOpts{Name: name, Help: help, StabilityLevel: metrics.ALPHA}, append([]string{"cluster"}, labels...))
	}
	m := &Metrics{
		scrapes:  counter("plimsoll_scrapes_total", "Scrapes of kubelets, by result: success or the reason of the failure.", "result"),
		rejected: counter("plimsoll_readings_rejected_total", "Readings of kubelets that were rejected, by reason.", "reason"),
		closed: counter("plimsoll_kubelet_connections_closed_total",
			"Connections to kubelets that were closed because of what the kubelet sent, by reason: unrequested_bytes are bytes that no request asked for.", "reason"),
		bytes: counter("plimsoll_kubelet_response_bytes_total", "Bytes of the bodies of kubelets' responses."),
		unexpected: counter("plimsoll_unexpected_containers_total",
			"Containers in responses of kubelets that the objects of their pods do not have, or that are not served, as ephemeral ones are."),
		parsed: counter("plimsoll_full_parses_total", "Responses of kubelets that are not written as kubelets write, so that a slower parser read them."),
		duration: metrics.NewHistogramVec(&metrics.HistogramOpts{
			Name: "plimsoll_scrape_duration_seconds", StabilityLevel: metrics.ALPHA,
			Help:    "How long scrapes of kubelets took, from the request to the store. Up to 0.2 s of each are a wait, after which most responses have come.",
			Buckets: metrics.ExponentialBucketsRange(0.001, 10, 13),
		}, []string{"cluster"}),
	}
	for _, metric := range []metrics.Registerable{m.scrapes, m.duration, m.rejected, m.closed, m.bytes, m.unexpected, m.parsed} {
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

func (m *Metrics) observe(took time.Duration, failed cause.Cause) {
	m.scrapes.WithLabelValues(m.cluster, cmp.Or(failed.Label(), "success")).Inc()
	m.duration.WithLabelValues(m.cluster).Observe(took.Seconds())
}

// Reject counts readings that were rejected.
func (m *Metrics) Reject(rejected sample.Rejections) {
	for reason, n := range rejected {
		if n > 0 {
			m.rejected.WithLabelValues(m.cluster, sample.Rejection(reason).String()).Add(float64(n))
		}
	}
}
