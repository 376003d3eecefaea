package apiserver

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	utilnet "k8s.io/apimachinery/pkg/util/net"
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

// refuse answers that the client has too many requests in flight.
func (b *chain) refuse(w http.ResponseWriter, r *http.Request, reason string) {
	w.Header().Set("Retry-After", "1")
	b.refuseEmpty(w, http.StatusTooManyRequests, reason)
	if r.ProtoMajor < 2 {
		return
	}
	// The filters around this one, which have copies of the request, share these parts with it.
	r.URL.RawQuery = ""
	for name := range r.Header {
		if !slices.Contains(loggedHeaders[:], name) {
			delete(r.Header, name)
		}
	}
}

// refuseBounds answers that a part of the request is too long. The message is in a header that kubectl shows.
func (b *chain) refuseBounds(w http.ResponseWriter, r *http.Request, code int, message string) {
	if warning, err := utilnet.NewWarningHeader(299, "-", message); err == nil { // Otherwise the client sent what no header may have.
		w.Header().Set("Warning", warning)
	}
	b.refuseEmpty(w, code, refusedBounds)
	if r.ProtoMajor >= 2 {
		r.Method, r.URL, r.RequestURI, r.Header = http.MethodGet, &url.URL{}, "", nil
	}
}

// refuseEmpty answers without a body, so that the client need not take anything of an HTTP/2 stream for it to end. The answer still waits where the
// client takes nothing of the connection, and until it is sent the HTTP server keeps the request. The callers therefore drop what the client sent: a
// connection has hundreds of streams. HTTP/1.1 has one request on a connection at a time.
func (b *chain) refuseEmpty(w http.ResponseWriter, code int, reason string) {
	b.metrics.refused(reason)
	boundWrites(w)
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(code)
}
