package watchcache

import (
	"fmt"

	"k8s.io/component-base/metrics"
)

// Metrics count watchers and events of all resources and clusters. Nil counts nothing. It is safe for concurrent use.
type Metrics struct {
	watchers     *metrics.GaugeVec
	events, lost *metrics.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(register func(metrics.Registerable) error) (*Metrics, error) {
	labels := []string{"cluster", "resource"}
	m := &Metrics{
		watchers: metrics.NewGaugeVec(&metrics.GaugeOpts{
			Name: "plimsoll_watchers", StabilityLevel: metrics.ALPHA,
			Help: "Watches that run now.",
		}, labels),
		events: metrics.NewCounterVec(&metrics.CounterOpts{
			Name: "plimsoll_watch_events_sent_total", StabilityLevel: metrics.ALPHA,
			Help: "Events that were given to the encoders of watches, bookmarks included.",
		}, labels),
		lost: metrics.NewCounterVec(&metrics.CounterOpts{
			Name: "plimsoll_watchers_expired_total", StabilityLevel: metrics.ALPHA,
			Help: "Watches that the server ended with the error 410, after which the client lists again: the client read too slowly, or the server lost changes.",
		}, append(labels, "reason")),
	}
	for _, c := range []metrics.Registerable{m.watchers, m.events, m.lost} {
		if err := register(c); err != nil {
			return nil, fmt.Errorf("register the metric %s: %w", c.FQName(), err)
		}
	}
	return m, nil
}

// counts are the metrics of one resource of one cluster.
type counts struct {
	*Metrics
	cluster, resource string
}

func (m *Metrics) of(cluster, resource string) counts { return counts{m, cluster, resource} }

func (c counts) add(n float64) {
	if c.Metrics != nil {
		c.watchers.WithLabelValues(c.cluster, c.resource).Add(n)
	}
}

func (c counts) sent(n int) {
	if c.Metrics != nil && n > 0 {
		c.events.WithLabelValues(c.cluster, c.resource).Add(float64(n))
	}
}

func (c counts) expired(reason string) {
	if c.Metrics != nil {
		c.lost.WithLabelValues(c.cluster, c.resource, reason).Inc()
	}
}
