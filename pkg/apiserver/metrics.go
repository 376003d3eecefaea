package apiserver

import (
	"fmt"

	"k8s.io/component-base/metrics"
)

// Reasons of refusals, which are the values of a metric's label.
const (
	refusedUndecided = "undecided_requests_of_user"
	refusedReview    = "token_reviews_of_address"
	refusedShare     = "share_of_user"
	refusedWatch     = "watches"
	refusedSize      = "request_too_long"
	shortenedRefusal = "refusal_without_body"
	shortenedProbe   = "probe_without_body"
	closedConnection = "unauthenticated_connections"
	closedIdentified = "authenticated_connections"
	protocolError    = "protocol_error"
	refusedMethod    = "unsupported_method"
)

// Metrics count what the server refuses so that other clients are served. Nil counts nothing. It is safe for concurrent use.
type Metrics struct {
	refusals *metrics.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(register func(metrics.Registerable) error) (*Metrics, error) {
	m := &Metrics{refusals: metrics.NewCounterVec(&metrics.CounterOpts{
		Name: "plimsoll_requests_refused_total", StabilityLevel: metrics.ALPHA,
		Help: "Requests that were refused, or that got a response without a body, and connections that were closed, by reason: so that other clients are served, or because no resource has the method.",
	}, []string{"reason"})}
	if err := register(m.refusals); err != nil {
		return nil, fmt.Errorf("register the metric %s: %w", m.refusals.FQName(), err)
	}
	return m, nil
}

func (m *Metrics) refused(reason string) {
	if m != nil {
		m.refusals.WithLabelValues(reason).Inc()
	}
}
