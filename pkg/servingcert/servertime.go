package servingcert

import (
	"net/http"
	"sync/atomic"
	"time"

	"k8s.io/utils/clock"
)

// ServerTime is the clock of the API server, which verifies the certificates: replicas whose own clocks differ agree on when one is due. It follows
// the header Date of responses, which has whole seconds; before the first response it is the clock of this process. It is safe for concurrent use.
type ServerTime struct {
	// offset is how far the API server's clock is ahead, in nanoseconds.
	offset atomic.Int64
}

var _ clock.PassiveClock = &ServerTime{}

// Now implements clock.PassiveClock.
func (s *ServerTime) Now() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) }

// Since implements clock.PassiveClock.
func (s *ServerTime) Since(t time.Time) time.Duration { return s.Now().Sub(t) }

// Wrap implements transport.WrapperFunc: the clock follows the responses that the result returns.
func (s *ServerTime) Wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
			s.offset.Store(int64(time.Until(date)))
		}
		return response, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
