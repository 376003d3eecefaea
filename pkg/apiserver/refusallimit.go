package apiserver

import (
	"net/http"

	"k8s.io/apiserver/pkg/endpoints/responsewriter"
)

// refusalsPerUser is how many refusals with a body may wait until the clients of one user have taken them. All clients that are not authenticated count as
// one user.
const refusalsPerUser = 50

// withRefusalLimit bounds the responses to requests that were not authorized. The threat: a client that opens streams and takes no response leaves a handler
// and a response waiting on each. So a refusal waits for refusalTime only; beyond refusalsPerUser it has no body, and a response without a body ends an
// HTTP/2 stream without waiting for the client. Probes have a limit of their own.
func (b *handlerChain) withRefusalLimit(h http.Handler) http.Handler {
	waiting := newConcurrencyLimiter(refusalsPerUser)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r.URL.Path) {
			h.ServeHTTP(w, r)
			return
		}
		refusal := &refusalWriter{ResponseWriter: w, decision: decisionOf(r.Context()), waiting: waiting, metrics: b.metrics}
		defer refusal.end()
		h.ServeHTTP(responsewriter.WrapForHTTP1Or2(refusal), r)
		refusal.flush(r)
	})
}

// refusalWriter is the response writer of a request that may be refused. The library writes to it one call at a time.
type refusalWriter struct {
	http.ResponseWriter
	decision *decision
	waiting  *concurrencyLimiter
	metrics  *Metrics

	// started is true from the first write; refused is true where the request was not authorized by then.
	started, refused bool
	// acquired is true while the refusal counts in waiting for user.
	acquired bool
	user     string
}

// Unwrap lets http.ResponseController reach the connection.
func (w *refusalWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *refusalWriter) WriteHeader(code int) {
	if !w.started {
		w.started = true
		code = w.start(code)
	}
	w.ResponseWriter.WriteHeader(code)
}

// start returns the code of the response, which differs from that of the library where too many requests wait: between authentication and the handler
// the library has no filter that could respond with 429.
func (w *refusalWriter) start(code int) int {
	if w.decision.allowed.Load() {
		return code
	}
	w.refused = true
	boundWrites(w.ResponseWriter)
	if w.decision.overloaded.Load() {
		w.Header().Set("Retry-After", "1")
		w.Header().Set("Content-Length", "0")
		return http.StatusTooManyRequests
	}
	if name := w.decision.user.Load(); name != nil {
		w.user = *name
	}
	if w.acquired = w.waiting.acquire(w.user); !w.acquired {
		w.metrics.refused(shortenedRefusal)
		w.Header().Set("Content-Length", "0")
	}
	return code
}

// Write implements http.ResponseWriter. It reports all as written, also where it leaves out the body.
func (w *refusalWriter) Write(p []byte) (int, error) {
	if !w.started {
		w.WriteHeader(http.StatusOK)
	}
	if w.refused && !w.acquired {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// flush waits until the client has taken the refusal.
func (w *refusalWriter) flush(r *http.Request) {
	if w.acquired {
		finishWrites(w.ResponseWriter, r)
	}
}

func (w *refusalWriter) end() {
	if w.acquired {
		w.waiting.release(w.user)
	}
}
