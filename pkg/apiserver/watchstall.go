package apiserver

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/util/httpstream/wsstream" //nolint:staticcheck // Its successor is in a module that nothing else needs.
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
)

// withStallLimit ends a watch whose client takes nothing for a time. The threat: a watch has no deadline, and a client that keeps its connection alive and
// allows nothing to be sent on the stream of the watch would hold the handler, and the events that wait, for as long as it likes. A watch without
// events waits for nothing. The connection of a WebSocket is not the handler's; the limits of connections hold for it.
func withStallLimit(h http.Handler, stall time.Duration, isLongRunning apirequest.LongRunningRequestCheck) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info, found := apirequest.RequestInfoFrom(r.Context())
		if !found || !isLongRunning(r, info) || wsstream.IsWebSocketRequest(r) {
			h.ServeHTTP(w, r)
			return
		}
		guarded := &guardedWriter{ResponseWriter: w}
		done := make(chan struct{})
		var guarding sync.WaitGroup
		guarding.Go(func() { guarded.guard(done, stall) })
		defer guarding.Wait()
		defer close(done)
		h.ServeHTTP(guarded, r)
	})
}

// guardedWriter is the response writer of a watch. The library writes to it one call at a time.
type guardedWriter struct {
	http.ResponseWriter
	// calls counts the beginnings and the ends of writes: it is odd while one waits.
	calls atomic.Uint64
}

// Unwrap lets http.ResponseController reach the connection.
func (w *guardedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write implements http.ResponseWriter.
func (w *guardedWriter) Write(p []byte) (int, error) {
	w.calls.Add(1)
	defer w.calls.Add(1)
	return w.ResponseWriter.Write(p)
}

// Flush implements http.Flusher.
func (w *guardedWriter) Flush() {
	w.calls.Add(1)
	defer w.calls.Add(1)
	_ = http.NewResponseController(w.ResponseWriter).Flush() // The next write reports the error.
}

// CloseNotify implements http.CloseNotifier, by which the library recognizes the writer of a connection.
func (w *guardedWriter) CloseNotify() <-chan bool {
	if n, ok := w.ResponseWriter.(http.CloseNotifier); ok { //nolint:staticcheck // The library asks for it.
		return n.CloseNotify()
	}
	return nil
}

// guard aborts the response where one write waits for at least the stall, and at most half as long again.
func (w *guardedWriter) guard(done <-chan struct{}, stall time.Duration) {
	tick := time.NewTicker(stall / 2)
	defer tick.Stop()
	var last uint64
	waiting := 0
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		calls := w.calls.Load()
		if calls%2 == 0 || calls != last {
			waiting = 0
		} else if waiting++; waiting == 2 {
			abort(w.ResponseWriter)
			return
		}
		last = calls
	}
}
