package apiserver

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	apirequest "k8s.io/apiserver/pkg/endpoints/request"
)

// slowWriter takes as long for each write and each flush as the test says.
type slowWriter struct {
	deadlineWriter
	write, flush time.Duration
}

func (w *slowWriter) Write(p []byte) (int, error) {
	time.Sleep(w.write)
	return len(p), nil
}

func (w *slowWriter) Flush() { time.Sleep(w.flush) }

// TestStalledWatchIsEnded has watches write ten times, once a minute, to clients that take more or less than a minute to read.
func TestStalledWatchIsEnded(t *testing.T) {
	const stall = time.Minute
	for _, tt := range []struct {
		name         string
		write, flush time.Duration
		verb         string
		upgrade      string
		aborted      bool
	}{
		{"reads at once", 0, 0, "watch", "", false},
		{"takes half a minute", stall / 2, 0, "watch", "", false},
		{"is flushed for half a minute", 0, stall / 2, "watch", "", false},
		{"reads nothing for two minutes", 2 * stall, 0, "watch", "", true},
		{"is not flushed for two minutes", 0, 2 * stall, "watch", "", true},
		{"offers an upgrade that the library does not know", 2 * stall, 0, "watch", "other", true},
		{"is the connection of a WebSocket", 2 * stall, 0, "watch", "websocket", false},
		{"is no watch", 2 * stall, 0, "list", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &slowWriter{deadlineWriter{ResponseRecorder: httptest.NewRecorder()}, tt.write, tt.flush}
				h := withStallLimit(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					for range 10 {
						time.Sleep(time.Minute)
						_, _ = w.Write([]byte("event"))
						_ = http.NewResponseController(w).Flush()
					}
				}), stall, func(_ *http.Request, info *apirequest.RequestInfo) bool { return info.Verb == "watch" })
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
				if tt.upgrade != "" {
					r.Header.Set("Connection", "Upgrade")
					r.Header.Set("Upgrade", tt.upgrade)
				}
				h.ServeHTTP(w, r.WithContext(apirequest.WithRequestInfo(r.Context(), &apirequest.RequestInfo{Verb: tt.verb})))
				if w.aborted != tt.aborted {
					t.Errorf("aborted: %t", w.aborted)
				}
			})
		})
	}
}
