package apiserver

import (
	"bytes"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/plimsoll/plimsoll/pkg/loglimit"
)

// withErrorLog limits what the HTTP server logs, from the first request on: the library makes that log, and only a request leads to its server. The threat:
// the server writes a line for each connection that breaks HTTP/2, and for each GOAWAY frame with an error, of which one connection can send any number.
func (b *handlerChain) withErrorLog(h http.Handler) http.Handler {
	var limited atomic.Bool
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !limited.Load() {
			if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok && server.ErrorLog != nil && limited.CompareAndSwap(false, true) {
				server.ErrorLog.SetOutput(newErrorLog(server.ErrorLog.Writer(), b.metrics))
			}
		}
		h.ServeHTTP(w, r)
	})
}

// errorLog is the log of the HTTP server, whose lines have one limit together. Errors of TLS handshakes, which the library counts and logs from -v=5 on,
// are passed on.
type errorLog struct {
	library, limited io.Writer
	metrics          *Metrics
}

func newErrorLog(library io.Writer, m *Metrics) *errorLog {
	return &errorLog{library: library, limited: &loglimit.Writer{Next: library, Limited: []string{"(*errorLog).Write"}}, metrics: m}
}

// Write implements io.Writer.
func (l *errorLog) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("http: TLS handshake error")) {
		return l.library.Write(line)
	}
	l.metrics.refused(protocolError)
	return l.limited.Write(line)
}
