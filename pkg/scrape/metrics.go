package scrape

import (
	"fmt"
	"time"

	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/pkg/reason"
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
}

// NewMetrics makes the metrics of the home cluster and registers them.
func NewMetrics(register func(metrics.Registerable) error) (*Metrics, error) {
	m := &Metrics{
		scrapes: metrics.NewCounterVec(&metrics.CounterOpts{
			Name: "plimsoll_scrapes_total", StabilityLevel: metrics.ALPHA,
			Help: "Scrapes of kubelets, by result: success or the reason of the failure.",
		}, []string{"cluster", "result"}),
		duration: metrics.NewHistogramVec(&metrics.HistogramOpts{
			Name: "plimsoll_scrape_duration_seconds", StabilityLevel: metrics.ALPHA,
			Help:    "How long scrapes of kubelets took, from the request to the store. Up to 0.2 s of each are a wait, after which most responses have come.",
			Buckets: metrics.ExponentialBucketsRange(0.001, 10, 13),
		}, []string{"cluster"}),
		rejected: metrics.NewCounterVec(&metrics.CounterOpts{
			Name: "plimsoll_readings_rejected_total", StabilityLevel: metrics.ALPHA,
			Help: "Readings of kubelets that were rejected, by reason.",
		}, []string{"cluster", "reason"}),
		closed: metrics.NewCounterVec(&metrics.CounterOpts{
			Name: "plimsoll_kubelet_connections_closed_total", StabilityLevel: metrics.ALPHA,
			Help: "Connections to kubelets that were closed because of what the kubelet sent, by reason: unrequested_bytes are bytes that no request asked for.",
		}, []string{"cluster", "reason"}),
	}
	for _, metric := range []metrics.Registerable{m.scrapes, m.duration, m.rejected, m.closed} {
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

func (m *Metrics) observe(took time.Duration, r reason.Reason, rejected sample.Rejections) {
	result := r.Code
	if result == "" {
		result = "success"
	}
	m.scrapes.WithLabelValues(m.cluster, result).Inc()
	m.duration.WithLabelValues(m.cluster).Observe(took.Seconds())
	m.reject(rejected)
}

func (m *Metrics) reject(rejected sample.Rejections) {
	for reason, n := range rejected {
		if n > 0 {
			m.rejected.WithLabelValues(m.cluster, sample.Rejection(reason).String()).Add(float64(n))
		}
	}
}
