package apiserver

import (
	"net/http"
	"time"

	genericapiserver "k8s.io/apiserver/pkg/server"
)

// grace is for how long a response may be written after a request's deadline, so that a handler which gave up at the deadline can still report it.
const grace = time.Second

// withAbort ends reading and writing of a request that takes longer than a time. The threat: a client that sends no body or takes no response keeps the
// handler waiting. The library's own timeout waits for the write that is in progress, so it does not end such a handler; withAbort makes
// that write fail. Requests that may run for longer are left alone. Where the client acknowledges nothing on a connection, see setTCPTimeout.
func withAbort(h http.Handler, after time.Duration, isLongRunning func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		done := make(chan struct{})
		timer := time.AfterFunc(after, func() {
			defer close(done)
			if !isLongRunning(r) {
				abort(w)
			}
		})
		defer func() {
			if !timer.Stop() {
				<-done // It does not abort the next response on the connection.
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// isLongRunning returns a function that is true of requests which the library allows to take longer than its timeout.
func isLongRunning(c *genericapiserver.Config) func(*http.Request) bool {
	return func(r *http.Request) bool {
		info, err := c.RequestInfoResolver.NewRequestInfo(r)
		return err == nil && c.LongRunningFunc(r, info)
	}
}

// abort fails all reading and writing. A writer that has no deadlines is not that of a connection, and no client is slow there.
func abort(w http.ResponseWriter) {
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Unix(1, 0))
	_ = connection.SetWriteDeadline(time.Unix(1, 0))
}
