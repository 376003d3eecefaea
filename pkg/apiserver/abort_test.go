package apiserver

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestSlowReaderIsAborted has a reader take nothing of an endless response. The handler ends, and the next response is complete.
func TestSlowReaderIsAborted(t *testing.T) {
	var ended chan struct{}
	endless := func(r *http.Request) bool { return r.URL.Path == "/endless" }
	handler := withAbort(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !endless(r) {
			return
		}
		text := []byte(strings.Repeat("0123456789", 10_000))
		for {
			if _, err := w.Write(text); err != nil {
				close(ended)
				return
			}
		}
	}), 50*time.Millisecond, func(r *http.Request) bool { return !endless(r) })
	for _, version := range []int{1, 2} {
		ended = make(chan struct{})
		t.Run([]string{1: "HTTP/1.1", 2: "HTTP/2"}[version], func(t *testing.T) {
			server := httptest.NewUnstartedServer(handler)
			server.EnableHTTP2 = version == 2
			server.StartTLS()
			defer server.Close()
			response := ask(t, server, "/endless")
			if response.ProtoMajor != version {
				t.Fatalf("the server speaks %s", response.Proto)
			}
			select {
			case <-ended:
			case <-time.After(time.Minute):
				t.Fatal("the handler goes on")
			}
			if n, err := io.Copy(io.Discard, response.Body); err == nil {
				t.Errorf("the response ends well after %d bytes", n)
			}
			if err := response.Body.Close(); err != nil {
				t.Error(err)
			}
			next := ask(t, server, "/")
			if err := next.Body.Close(); err != nil || next.StatusCode != http.StatusOK {
				t.Errorf("the next response is %s, %v", next.Status, err)
			}
		})
	}
}

func ask(t *testing.T, server *httptest.Server, path string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// TestLongRunningRequestIsNotAborted has a handler take longer than other requests may.
func TestLongRunningRequestIsNotAborted(t *testing.T) {
	for _, long := range []bool{false, true} {
		t.Run(fmt.Sprint(long), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &deadlineWriter{ResponseRecorder: httptest.NewRecorder()}
				h := withAbort(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
					time.Sleep(time.Minute)
				}), time.Second, func(*http.Request) bool { return long })
				h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
				if w.aborted == long {
					t.Errorf("aborted: %t", w.aborted)
				}
			})
		})
	}
}

// deadlineWriter notes whether its deadlines were set to a time that has passed.
type deadlineWriter struct {
	*httptest.ResponseRecorder
	aborted bool
}

func (w *deadlineWriter) SetReadDeadline(time.Time) error { return nil }

func (w *deadlineWriter) SetWriteDeadline(end time.Time) error {
	w.aborted = end.Before(time.Now())
	return nil
}
