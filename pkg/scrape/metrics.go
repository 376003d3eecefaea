package scrape

import (
	"fmt"
	"time"

	"k8s.io/component-base/metrics"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Metrics are what Plimsoll tells of its own looks at kubelets. No label names a node.
type Metrics struct {
	scrapes  *metrics.CounterVec
	duration *metrics.Histogram
	rejected *metrics.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(register func(metrics.Registerable) error) (*Metrics, error) {
	m := &Metrics{
		scrapes: metrics.NewCounterVec(&metrics.CounterOpts{
			Name: "plimsoll_scrapes_total", StabilityLevel: metrics.ALPHA,
			Help: "Looks at kubelets, by result: success or the cause of the failure.",
		}, []string{"result"}),
		duration: metrics.NewHistogram(&metrics.HistogramOpts{
			Name: "plimsoll_scrape_duration_seconds", StabilityLevel: metrics.ALPHA,
			Help:    "How long looks at kubelets took, from the request to the store.",
			Buckets: metrics.ExponentialBucketsRange(0.001, 10, 13),
		}),
		rejected: metrics.NewCounterVec(&metrics.CounterOpts{
			Name: "plimsoll_readings_rejected_total", StabilityLevel: metrics.ALPHA,
			Help: "Readings of kubelets that were not taken, by reason.",
		}, []string{"reason"}),
	}
	for _, metric := range []metrics.Registerable{m.scrapes, m.duration, m.rejected} {
		if err := register(metric); err != nil {
			return nil, fmt.Errorf("register the metric %s: %w", metric.FQName(), err)
		}
	}
	return m, nil
}

func (m *Metrics) observe(took time.Duration, cause Cause, rejected sample.Rejections) {
	result := cause.Code
	if result == "" {
		result = "success"
	}
	m.scrapes.WithLabelValues(result).Inc()
	m.duration.Observe(took.Seconds())
	m.reject(rejected)
}

func (m *Metrics) reject(rejected sample.Rejections) {
	for reason, n := range rejected {
		if n > 0 {
			m.rejected.WithLabelValues(sample.Reason(reason).String()).Add(float64(n))
		}
	}
}
