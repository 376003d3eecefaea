package kubelet

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestConnectionIsReused(t *testing.T) {
	text := strings.Repeat("0123456789", 10_000)
	tests := []struct {
		name    string
		handler http.HandlerFunc
		// connections are how many three requests take.
		connections int32
		kind        string
	}{
		{"with a length", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = io.WriteString(w, text)
		}, 1, ""},
		{"in chunks", func(w http.ResponseWriter, _ *http.Request) {
			for part := text; part != ""; part = part[1000:] {
				_, _ = io.WriteString(w, part[:1000])
				w.(http.Flusher).Flush()
			}
		}, 1, ""},
		{"in chunks with a trailer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", "After")
			_, _ = io.WriteString(w, text)
			w.Header().Set("After", "all")
		}, 1, ""},
		{"after an interim response", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusProcessing)
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, text)
		}, 1, ""},
		{"the kubelet wants to close", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, text)
		}, 3, ""},
		{"refused with a reason", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "Forbidden", http.StatusForbidden) }, 1, "Forbidden"},
		{"refused at length", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, http.StatusForbidden) }, 3, "Forbidden"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server, client := newTestServer(t, tt.handler), newInsecureClient(t)
			var c Conn
			defer c.Close()
			for range 3 {
				got, err := server.get(t, &c, client)
				if kind := kindOf(err); kind != tt.kind {
					t.Fatalf("got the kind %q of error %v, want %q", kind, err, tt.kind)
				}
				if err == nil && got != text {
					t.Fatalf("got %d bytes, want %d", len(got), len(text))
				}
				if c.persistent != nil && (c.persistent.buffers != nil || c.persistent.records.ahead != nil) {
					t.Error("an idle connection has buffers")
				}
			}
			if got := server.connections.Load(); got != tt.connections {
				t.Errorf("%d connections for three requests, want %d", got, tt.connections)
			}
		})
	}
}

// TestClosedConnectionIsReplaced has a kubelet close the connection while it is idle, as it does after 90 seconds.
func TestClosedConnectionIsReplaced(t *testing.T) {
	server, client := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) { write(w, 10) }), newInsecureClient(t)
	var c Conn
	defer c.Close()
	for range 3 {
		if _, err := server.get(t, &c, client); err != nil {
			t.Fatal(err)
		}
		server.CloseClientConnections()
	}
	if c, r := server.connections.Load(), server.requests.Load(); c != 3 || r != 3 {
		t.Errorf("%d connections and %d requests, want 3 and 3", c, r)
	}
}

// TestConnectionThatIsClosedDuringAYield has a connection that may as well have been closed before the request came.
func TestConnectionThatIsClosedDuringAYield(t *testing.T) {
	server, client := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) { write(w, 10) }), newInsecureClient(t)
	closing := false
	c := Conn{Worker: testWorker{yield: func() {
		if closing {
			closing = false
			server.CloseClientConnections()
		}
	}}}
	defer c.Close()
	for i := range 3 {
		closing = i == 1
		if _, err := server.get(t, &c, client); err != nil {
			t.Fatal(err)
		}
	}
	if c := server.connections.Load(); c > 2 {
		t.Errorf("%d connections, want two at most", c)
	}
}

// TestShortRequestDoesNotYield has a timeout that a yield would use up.
func TestShortRequestDoesNotYield(t *testing.T) {
	server, client := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) { write(w, 10) }), newInsecureClient(t)
	for timeout, want := range map[time.Duration]bool{minTimeToYield - time.Millisecond: false, time.Minute: true} {
		yielded := false
		c := Conn{Worker: testWorker{yield: func() { yielded = true }}}
		if _, err := get(t, client, &c, server.URL, timeout); err != nil || yielded != want {
			t.Errorf("with %s: yielded %v, want %v, and %v", timeout, yielded, want, err)
		}
		c.Close()
	}
}

func TestOldConnectionIsNotReused(t *testing.T) {
	server, client := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) { write(w, 10) }), newInsecureClient(t)
	var c Conn
	defer c.Close()
	for range 2 {
		if _, err := server.get(t, &c, client); err != nil {
			t.Fatal(err)
		}
		c.persistent.usedAt = c.persistent.usedAt.Add(-2 * maxIdle)
	}
	if got := server.connections.Load(); got != 2 {
		t.Errorf("%d connections, want 2", got)
	}
}

// TestRequestIsNotRepeatedAfterTheFirstByte has a kubelet fail in ways that leave open whether it has done the work.
func TestRequestIsNotRepeatedAfterTheFirstByte(t *testing.T) {
	tests := []struct {
		name string
		fail func(net.Conn, *bufio.ReadWriter)
		// requests are how many the second Get makes: a connection that is closed before the first byte may just have been old.
		requests int32
		kind     string
	}{
		{"closes at once", func(net.Conn, *bufio.ReadWriter) {}, 2, "closed"},
		{"closes after a byte", func(_ net.Conn, rw *bufio.ReadWriter) { _, _ = rw.WriteString("H") }, 1, "malformed"},
		{"closes in the header", func(_ net.Conn, rw *bufio.ReadWriter) { _, _ = rw.WriteString("HTTP/1.1 200 OK\r\nA: b\r\n") }, 1, "truncated"},
		{"closes in the body", func(_ net.Conn, rw *bufio.ReadWriter) {
			_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")
		}, 1, "truncated"},
		{"not HTTP", func(_ net.Conn, rw *bufio.ReadWriter) { _, _ = rw.WriteString("SSH-2.0\r\n\r\n") }, 1, "malformed"},
		{"has a header without end", func(_ net.Conn, rw *bufio.ReadWriter) {
			_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", 2*maxHeader))
		}, 1, "too large"},
		{"sends interim responses only", func(_ net.Conn, rw *bufio.ReadWriter) {
			_, _ = rw.WriteString(strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 2*maxInterim))
		}, 1, "too large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var fails atomic.Bool
			server := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) {
				if !fails.Load() {
					return
				}
				c, rw, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				tt.fail(c, rw)
				_ = rw.Flush() // The reader may have closed the connection.
			})
			client := newInsecureClient(t)
			var c Conn
			defer c.Close()
			if _, err := server.get(t, &c, client); err != nil {
				t.Fatal(err)
			}
			fails.Store(true)
			before := server.requests.Load()
			_, err := server.get(t, &c, client)
			if kind := kindOf(err); kind != tt.kind {
				t.Errorf("got the kind %q of error %v, want %q", kind, err, tt.kind)
			}
			if got := server.requests.Load() - before; got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
			if c.persistent != nil {
				t.Error("a connection that failed is kept")
			}
		})
	}
}

// TestSecondResponseEndsTheConnection has a kubelet send two responses at once: the second must not be taken for that to the next request.
func TestSecondResponseEndsTheConnection(t *testing.T) {
	server := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { c.Close() })
		_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst" + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")
		_ = rw.Flush()
	})
	client := newInsecureClient(t)
	var c Conn
	defer c.Close()
	for range 2 {
		if got, err := server.get(t, &c, client); got != "first" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
}

func TestCancelledRequestClosesTheConnection(t *testing.T) {
	gone := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	server := newTestServer(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel() // Only now: the request has come.
		<-r.Context().Done()
		close(gone)
	})
	var c Conn
	_, _, err := newInsecureClient(t).Get(ctx, &c, server.URL, 1)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	<-gone
	if c.persistent != nil {
		t.Error("the connection is kept")
	}
}

func TestConnectionLeadsToTheHostOfTheURL(t *testing.T) {
	one := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "one") })
	two := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "two") })
	client, other := newInsecureClient(t), newInsecureClient(t)
	var c Conn
	defer c.Close()
	for i, step := range []struct {
		server *testServer
		client *Client
		want   string
	}{{one, client, "one"}, {two, client, "two"}, {two, client, "two"}, {two, other, "two"}, {one, other, "one"}} {
		if got, err := step.server.get(t, &c, step.client); got != step.want || err != nil {
			t.Fatalf("step %d: got %q, %v", i, got, err)
		}
	}
	if a, b := one.connections.Load(), two.connections.Load(); a != 2 || b != 2 {
		t.Errorf("%d and %d connections, want 2 and 2", a, b)
	}
}

// testWorker calls functions; nil does nothing.
type testWorker struct {
	yield   func()
	blocked func(bool)
}

func (w testWorker) Yield() {
	if w.yield != nil {
		w.yield()
	}
}

func (w testWorker) Blocked(blocked bool) {
	if w.blocked != nil {
		w.blocked(blocked)
	}
}
