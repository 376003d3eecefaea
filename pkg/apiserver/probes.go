package apiserver

import (
	"net/http"
)

// probesMax is how many probes may wait until their client has taken the whole answer. Others get the answer's code alone, which is what
// probes are asked for and never waits for a client.
const probesMax = 50

// isProbe is true of the three paths that need no right, and that the kubelet and load balancers ask.
func isProbe(r *http.Request) bool {
	return r.URL.Path == "/livez" || r.URL.Path == "/readyz" || r.URL.Path == "/healthz"
}

// withProbeLimit bounds what probes that are not taken hold, without ever refusing one.
func (b *chain) withProbeLimit(h http.Handler) http.Handler {
	probes := newPlaces(probesMax)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isProbe(r) {
			h.ServeHTTP(w, r)
			return
		}
		boundWrites(w)
		if !probes.take("") {
			b.metrics.refused(shortenedProbe)
			h.ServeHTTP(&codeOnly{w}, r)
			return
		}
		defer probes.giveBack("")
		h.ServeHTTP(w, r)
		finishWrites(w, r)
	})
}

// codeOnly writes an answer without its body.
type codeOnly struct{ http.ResponseWriter }

// Unwrap lets http.ResponseController reach the connection.
func (c *codeOnly) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (c *codeOnly) WriteHeader(code int) {
	c.Header().Set("Content-Length", "0")
	c.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter: it writes nothing.
func (c *codeOnly) Write(text []byte) (int, error) { return len(text), nil }
