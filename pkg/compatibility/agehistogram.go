package compatibility

import (
	"time"

	"k8s.io/component-base/metrics"
	"k8s.io/utils/clock"
)

// AgeHistogram observes how old the usage is that the API serves. It is safe for concurrent use.
type AgeHistogram struct {
	age   *metrics.Histogram
	clock clock.PassiveClock
}

// NewAgeHistogram makes the metric and registers it.
func NewAgeHistogram(register func(metrics.Registerable) error, clock clock.PassiveClock) (*AgeHistogram, error) {
	f := &AgeHistogram{clock: clock, age: metrics.NewHistogram(&metrics.HistogramOpts{
		Name: "metrics_server_api_metric_freshness_seconds", StabilityLevel: metrics.ALPHA,
		Help: "How old the numbers of a node or pod were, by the clock of its kubelet, when the API served them.",
		// From a second to six minutes, as metrics-server has them.
		Buckets: metrics.ExponentialBuckets(1, 1.364, 20),
	})}
	return f, register(f.age)
}

// Observe takes the time of usage that is served: see [usage.Reader.OnEachRead].
func (f *AgeHistogram) Observe(timestamp time.Time) {
	f.age.Observe(f.clock.Since(timestamp).Seconds())
}
