package scrape

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// counted is a server that counts the connections that were made to it, and the requests.
type counted struct {
	*httptest.Server
	connections, requests atomic.Int32
}

func newCounted(t *testing.T, handler http.HandlerFunc) *counted {
	c := &counted{}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		handler(w, r)
	}))
	c.Config.ErrorLog = quiet()
	c.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			c.connections.Add(1)
		}
	}
	c.StartTLS()
	t.Cleanup(c.Close)
	return c
}

// over asks the server by a line, and returns what it answered.
func (c *counted) over(t *testing.T, l *line, client *http.Client) (string, error) {
	t.Helper()
	var body bytes.Buffer
	q := question{client: client, timeout: 5 * time.Second, url: c.URL + "/a?b=c", line: l, limit: 1 << 20}
	err := fetchInto(t.Context(), q, &body)
	return body.String(), err
}

func insecureClient(t *testing.T) *http.Client {
	t.Helper()
	client, err := Access{InsecureTLS: true, Policy: onLoopback}.HTTPClient(&rest.Config{BearerToken: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestALineKeepsItsConnection(t *testing.T) {
	text := strings.Repeat("0123456789", 10_000)
	tests := []struct {
		name    string
		handler http.HandlerFunc
		// connections are how many three questions take.
		connections int32
		code        string
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
		{"after an interim answer", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusProcessing)
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, text)
		}, 1, ""},
		{"the kubelet wants to close", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, text)
		}, 3, ""},
		{"refused with a reason", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "Forbidden", http.StatusForbidden) }, 1, "forbidden"},
		{"refused at length", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, http.StatusForbidden) }, 3, "forbidden"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server, client := newCounted(t, tt.handler), insecureClient(t)
			var l line
			defer l.hangUp()
			for range 3 {
				got, err := server.over(t, &l, client)
				if code := causeOf(err).Code; code != tt.code {
					t.Fatalf("got cause %q of error %v, want %q", code, err, tt.code)
				}
				if err == nil && got != text {
					t.Fatalf("got %d bytes, want %d", len(got), len(text))
				}
				if l.conn != nil && (l.conn.buffers != nil || l.conn.wire.ahead != nil) {
					t.Error("an idle connection has buffers")
				}
			}
			if got := server.connections.Load(); got != tt.connections {
				t.Errorf("%d connections for three questions, want %d", got, tt.connections)
			}
		})
	}
}

// TestAConnectionThatWentIsReplaced has a kubelet close the connection while it is idle, as it does after 90 seconds.
func TestAConnectionThatWentIsReplaced(t *testing.T) {
	server, client := newCounted(t, func(w http.ResponseWriter, _ *http.Request) { write(w, 10) }), insecureClient(t)
	var l line
	defer l.hangUp()
	for range 3 {
		if _, err := server.over(t, &l, client); err != nil {
			t.Fatal(err)
		}
		server.CloseClientConnections()
	}
	if c, r := server.connections.Load(), server.requests.Load(); c != 3 || r != 3 {
		t.Errorf("%d connections and %d requests, want 3 and 3", c, r)
	}
}

// TestAConnectionThatGoesDuringARest had been closed before the question came, as far as anybody can tell.
func TestAConnectionThatGoesDuringARest(t *testing.T) {
	server, client := newCounted(t, func(w http.ResponseWriter, _ *http.Request) { write(w, 10) }), insecureClient(t)
	l, closing := line{}, false
	l.rest = func() {
		if closing {
			closing = false
			server.CloseClientConnections()
		}
	}
	defer l.hangUp()
	for i := range 3 {
		closing = i == 1
		if _, err := server.over(t, &l, client); err != nil {
			t.Fatal(err)
		}
	}
	if c := server.connections.Load(); c > 2 {
		t.Errorf("%d connections, want two at most", c)
	}
}

// TestNoRestWhereTimeIsShort has a bound that a rest would take up.
func TestNoRestWhereTimeIsShort(t *testing.T) {
	server, client := newCounted(t, func(w http.ResponseWriter, _ *http.Request) { write(w, 10) }), insecureClient(t)
	for timeout, want := range map[time.Duration]bool{patient - time.Millisecond: false, time.Minute: true} {
		rested := false
		l := line{rest: func() { rested = true }}
		q := question{client: client, timeout: timeout, url: server.URL, line: &l, limit: 1000}
		if err := fetchInto(t.Context(), q, new(bytes.Buffer)); err != nil || rested != want {
			t.Errorf("with %s: rested %v, want %v, and %v", timeout, rested, want, err)
		}
		l.hangUp()
	}
}

func TestAnOldConnectionIsNotTrusted(t *testing.T) {
	server, client := newCounted(t, func(w http.ResponseWriter, _ *http.Request) { write(w, 10) }), insecureClient(t)
	var l line
	defer l.hangUp()
	for range 2 {
		if _, err := server.over(t, &l, client); err != nil {
			t.Fatal(err)
		}
		l.used = l.used.Add(-2 * maxIdle)
	}
	if got := server.connections.Load(); got != 2 {
		t.Errorf("%d connections, want 2", got)
	}
}

// TestNoQuestionIsRepeatedOnceAnswered has a kubelet fail in ways that leave open whether it has worked.
func TestNoQuestionIsRepeatedOnceAnswered(t *testing.T) {
	tests := []struct {
		name string
		fail func(net.Conn, *bufio.ReadWriter)
		// requests are how many the second question of a line makes: a connection that goes before the first byte may just have been old.
		requests int32
		code     string
	}{
		{"closes at once", func(net.Conn, *bufio.ReadWriter) {}, 2, "broken"},
		{"closes after a byte", func(_ net.Conn, rw *bufio.ReadWriter) { _, _ = rw.WriteString("H") }, 1, "malformed_http"},
		{"closes in the header", func(_ net.Conn, rw *bufio.ReadWriter) { _, _ = rw.WriteString("HTTP/1.1 200 OK\r\nA: b\r\n") }, 1, "truncated"},
		{"closes in the body", func(_ net.Conn, rw *bufio.ReadWriter) {
			_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")
		}, 1, "truncated"},
		{"speaks no HTTP", func(_ net.Conn, rw *bufio.ReadWriter) { _, _ = rw.WriteString("SSH-2.0\r\n\r\n") }, 1, "malformed_http"},
		{"has a header without end", func(_ net.Conn, rw *bufio.ReadWriter) {
			_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nA: " + strings.Repeat("b", 2*maxHeader))
		}, 1, "too_large"},
		{"never comes to the point", func(_ net.Conn, rw *bufio.ReadWriter) {
			_, _ = rw.WriteString(strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", 2*maxInterim))
		}, 1, "too_large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var fails atomic.Bool
			server := newCounted(t, func(w http.ResponseWriter, _ *http.Request) {
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
				_ = rw.Flush() // The reader may have hung up.
			})
			client := insecureClient(t)
			var l line
			defer l.hangUp()
			if _, err := server.over(t, &l, client); err != nil {
				t.Fatal(err)
			}
			fails.Store(true)
			before := server.requests.Load()
			_, err := server.over(t, &l, client)
			if cause := causeOf(err); cause.Code != tt.code {
				t.Errorf("got cause %q of error %v, want %q", cause.Code, err, tt.code)
			}
			if got := server.requests.Load() - before; got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
			if l.conn != nil {
				t.Error("a connection that failed is kept")
			}
		})
	}
}

// TestAnAnswerWithMoreBehindItIsTheLast has a kubelet send what nobody asked for: it must not become the next answer.
func TestAnAnswerWithMoreBehindItIsTheLast(t *testing.T) {
	server := newCounted(t, func(w http.ResponseWriter, _ *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { c.Close() })
		_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst" + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")
		_ = rw.Flush()
	})
	client := insecureClient(t)
	var l line
	defer l.hangUp()
	for range 2 {
		if got, err := server.over(t, &l, client); got != "first" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
}

func TestGivingUpClosesTheConnection(t *testing.T) {
	gone := make(chan struct{})
	server := newCounted(t, func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		close(gone)
	})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	var l line
	err := fetchInto(ctx, question{client: insecureClient(t), timeout: time.Minute, url: server.URL, line: &l, limit: 1}, new(bytes.Buffer))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	<-gone
	if l.conn != nil {
		t.Error("the connection is kept")
	}
}

func TestALineLeadsWhereTheRequestGoes(t *testing.T) {
	one := newCounted(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "one") })
	two := newCounted(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "two") })
	client, other := insecureClient(t), insecureClient(t)
	var l line
	defer l.hangUp()
	for i, step := range []struct {
		server *counted
		client *http.Client
		want   string
	}{{one, client, "one"}, {two, client, "two"}, {two, client, "two"}, {two, other, "two"}, {one, other, "one"}} {
		if got, err := step.server.over(t, &l, step.client); got != step.want || err != nil {
			t.Fatalf("step %d: got %q, %v", i, got, err)
		}
	}
	if a, b := one.connections.Load(), two.connections.Load(); a != 2 || b != 2 {
		t.Errorf("%d and %d connections, want 2 and 2", a, b)
	}
}
