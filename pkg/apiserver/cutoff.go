package apiserver

import (
	"net/http"
	"time"
)

// grace is for how long an answer may be written after a request's deadline, so that a handler which gave up at the deadline can say so.
const grace = time.Second

// withCutOff ends the connection, or the stream of it, of a client who has not sent the request or taken the answer in time. Handlers
// themselves end at the deadline that the request's context has: what they wait for takes it. Where a client takes nothing of anything on a
// connection, see [stallLimiter].
func withCutOff(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if deadline, ok := r.Context().Deadline(); ok {
			defer cutOff(w, time.Until(deadline)+grace)()
		}
		h.ServeHTTP(w, r)
	})
}

// cutOff fails all reading and writing after a while. The function that it returns must be called before the handler ends, and prevents that: the next
// answer on the connection is not cut off for this one.
func cutOff(w http.ResponseWriter, after time.Duration) (prevent func()) {
	done := make(chan struct{})
	timer := time.AfterFunc(after, func() {
		defer close(done)
		// A writer that has no deadlines is not that of a connection, and nobody is slow there.
		connection := http.NewResponseController(w)
		_ = connection.SetReadDeadline(time.Unix(1, 0))
		_ = connection.SetWriteDeadline(time.Unix(1, 0))
	})
	return func() {
		if !timer.Stop() {
			<-done
		}
	}
}
