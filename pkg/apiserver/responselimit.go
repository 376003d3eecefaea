package apiserver

import (
	"net/http"

	"k8s.io/apiserver/pkg/endpoints/responsewriter"
)

const (
	// refusalsPerUser is how many refusals with a body may wait until the clients of one user have taken them. All clients that are not authenticated
	// count as one user.
	refusalsPerUser = 50
	// maxProbes is how many probes may wait in the same way, of all clients together.
	maxProbes = 50
)

// withResponseLimit bounds the responses for which a client needs no right: refusals, which are of requests that were not authorized, and probes. The
// threat: a client that opens streams and takes no response leaves a handler and a response waiting on each. So such a response waits for
// refusalTime only; beyond the limit it has no body, and a response without a body ends an HTTP/2 stream without waiting for the client. No probe
// is refused, because the kubelet would restart the process, and it reads the code alone.
func (b *handlerChain) withResponseLimit(h http.Handler) http.Handler {
	refusals, probes := newConcurrencyLimiter(refusalsPerUser), newConcurrencyLimiter(maxProbes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limited := &limitedResponse{ResponseWriter: w, decision: decisionOf(r.Context()), metrics: b.metrics, waiting: refusals}
		if limited.isProbe = isProbe(r.URL.Path); limited.isProbe {
			limited.waiting = probes
		}
		defer limited.end()
		h.ServeHTTP(responsewriter.WrapForHTTP1Or2(limited), r)
		limited.flush(r)
	})
}

// limitedResponse is the response writer of a request that may be refused, or of a probe. The library writes to it one call at a time.
type limitedResponse struct {
	http.ResponseWriter
	decision *decision
	metrics  *Metrics
	waiting  *concurrencyLimiter
	isProbe  bool

	// started is true from the first write; limited is true where no right was needed for the response.
	started, limited bool
	// acquired is true while the response counts in waiting for user.
	acquired bool
	user     string
}

// Unwrap lets http.ResponseController reach the connection.
func (w *limitedResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *limitedResponse) WriteHeader(code int) {
	if !w.started {
		w.started = true
		if w.limited = w.isProbe || !w.decision.allowed.Load(); w.limited {
			code = w.start(code)
		}
	}
	w.ResponseWriter.WriteHeader(code)
}

// start returns the code of the response, which differs from that of the library where too many requests wait: between authentication and the handler
// the library has no filter that could respond with 429.
func (w *limitedResponse) start(code int) int {
	boundWrites(w.ResponseWriter)
	reason := shortenedProbe
	if !w.isProbe {
		if w.decision.overloaded.Load() {
			w.Header().Set("Retry-After", "1")
			w.Header().Set("Content-Length", "0")
			return http.StatusTooManyRequests
		}
		if name := w.decision.user.Load(); name != nil {
			w.user = *name
		}
		reason = shortenedRefusal
	}
	if w.acquired = w.waiting.acquire(w.user); !w.acquired {
		w.metrics.refused(reason)
		w.Header().Set("Content-Length", "0")
	}
	return code
}

// Write implements http.ResponseWriter. It reports all as written, also where it leaves out the body.
func (w *limitedResponse) Write(p []byte) (int, error) {
	if !w.started {
		w.WriteHeader(http.StatusOK)
	}
	if w.limited && !w.acquired {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}

// flush waits until the client has taken the response.
func (w *limitedResponse) flush(r *http.Request) {
	if w.acquired {
		finishWrites(w.ResponseWriter, r)
	}
}

func (w *limitedResponse) end() {
	if w.acquired {
		w.waiting.release(w.user)
	}
}
