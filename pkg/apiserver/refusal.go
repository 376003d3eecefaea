package apiserver

import (
	"fmt"
	"net/http"

	"k8s.io/component-base/metrics"
)

// Reasons of refusals, which are the values of a metric's label.
const (
	refusedUndecided       = "undecided_requests_of_user"
	refusedReview          = "token_reviews_of_address"
	refusedUnauthenticated = "unauthenticated_answers"
	refusedShare           = "share_of_user"
	refusedBounds          = "request_too_long"
	shortenedProbe         = "probe_without_body"
	closedConnection       = "unauthenticated_connections"
)

// Metrics count what the server refuses so that others are served. Nil counts nothing. It is safe for concurrent use.
type Metrics struct {
	refusals *metrics.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(register func(metrics.Registerable) error) (*Metrics, error) {
	m := &Metrics{refusals: metrics.NewCounterVec(&metrics.CounterOpts{
		Name: "plimsoll_requests_refused_total", StabilityLevel: metrics.ALPHA,
		Help: "Requests that were refused or answered in short, and connections that were closed, so that other clients are served, by reason.",
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

// refuse answers that the client has too many requests in flight. The answer has no body, so the client need not take anything of an HTTP/2
// stream for it to end.
func (b *chain) refuse(w http.ResponseWriter, reason string) {
	b.metrics.refused(reason)
	boundWrites(w)
	w.Header().Set("Retry-After", "1")
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusTooManyRequests)
}
