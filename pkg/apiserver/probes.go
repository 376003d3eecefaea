package apiserver

import (
	"net/http"
	"strings"
)

// maxProbes is how many probes may wait until their client has taken the complete response. Beyond that a probe gets the response's code alone, which is what
// probes ask for and never waits for a client.
const maxProbes = 50

// isProbe is true of the three paths that need no right, and that the kubelet and load balancers ask.
func isProbe(path string) bool {
	return path == "/livez" || path == "/readyz" || path == "/healthz"
}

// isBelowProbe is true of the paths of health checks, also of single ones.
func isBelowProbe(path string) bool {
	return strings.HasPrefix(path, "/livez") || strings.HasPrefix(path, "/readyz") || strings.HasPrefix(path, "/healthz")
}

// withProbeLimit bounds the responses to probes. The threat: probes need no right, so a client that takes no response could hold any number of them. No probe is
// refused, because the kubelet would restart the process.
func (b *handlerChain) withProbeLimit(h http.Handler) http.Handler {
	waiting := newConcurrencyLimiter(maxProbes)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isProbe(r.URL.Path) {
			h.ServeHTTP(w, r)
			return
		}
		boundWrites(w)
		if !waiting.acquire("") {
			b.metrics.refused(shortenedProbe)
			h.ServeHTTP(&codeOnlyWriter{w}, r)
			return
		}
		defer waiting.release("")
		h.ServeHTTP(w, r)
		finishWrites(w, r)
	})
}

// codeOnlyWriter writes a response without its body.
type codeOnlyWriter struct{ http.ResponseWriter }

// Unwrap lets http.ResponseController reach the connection.
func (w *codeOnlyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *codeOnlyWriter) WriteHeader(code int) {
	w.Header().Set("Content-Length", "0")
	w.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter: it writes nothing.
func (w *codeOnlyWriter) Write(p []byte) (int, error) { return len(p), nil }
