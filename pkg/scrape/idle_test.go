package scrape

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWhatComesUnaskedIsNoAnswer has a kubelet send a second response behind the first, or while the connection is idle: the next request must
// not be answered by it.
func TestWhatComesUnaskedIsNoAnswer(t *testing.T) {
	const forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
	long := strings.Repeat("x", 12_000)
	for _, tt := range []struct {
		name string
		// text is a response, with what follows it at once; later comes when the connection is idle.
		text, later, want string
	}{
		{"behind a short response", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue" + forged, "", "true"},
		{"behind a long response, in one record", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s", len(long), long, forged), "", long},
		{"behind chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ntrue\r\n0\r\n\r\n" + forged, "", "true"},
		{"while idle", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue", forged, "true"},
		{"a part while idle", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue", "H", "true"},
	} {
		for _, secure := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, TLS %t", tt.name, secure), func(t *testing.T) {
				idle, sent := make(chan struct{}), make(chan struct{})
				handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					c, rw, err := w.(http.Hijacker).Hijack()
					if err != nil {
						t.Error(err)
						return
					}
					t.Cleanup(func() { c.Close() })
					// One write is one record: the buffer of the writer is too small for a long response.
					_, _ = io.WriteString(c, tt.text)
					_, _ = rw.Discard(rw.Reader.Buffered())
					if tt.later != "" {
						<-idle
						_, _ = io.WriteString(c, tt.later)
						sent <- struct{}{}
					}
				})
				server := httptest.NewUnstartedServer(handler)
				server.Config.ErrorLog = quiet()
				if secure {
					server.TLS = &tls.Config{DynamicRecordSizingDisabled: true}
					server.StartTLS()
				} else {
					server.Start()
				}
				t.Cleanup(server.Close)
				client := insecureClient(t)
				counted := 0
				l := line{unrequested: func(context.Context) { counted++ }}
				defer l.hangUp()
				for range 3 {
					var body bytes.Buffer
					q := question{client: client, timeout: 5 * time.Second, url: server.URL, line: &l, limit: 1 << 20}
					if err := fetchInto(t.Context(), q, &body); err != nil || body.String() != tt.want {
						t.Fatalf("got %.20q, want %.20q: %v", body.String(), tt.want, err)
					}
					if tt.later != "" {
						idle <- struct{}{}
						<-sent
						awaitBytes(t, &l)
					}
				}
				want := 3
				if tt.later != "" {
					want = 2 // The next request finds the bytes, and none follows the last.
				}
				if counted != want {
					t.Errorf("%d connections were counted, want %d", counted, want)
				}
			})
		}
	}
}

// awaitBytes returns when bytes or the end of the connection have come over an idle connection, without taking them.
func awaitBytes(t *testing.T, l *line) {
	t.Helper()
	raw := l.conn.wire.Conn.(*socket).raw
	deadline := time.Now().Add(5 * time.Second)
	for {
		n, err := peekBytes(raw)
		if n >= 0 || err != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing came")
		}
		<-time.After(time.Millisecond)
	}
}

// TestAQuietConnectionIsKept also where nothing but the system's own calls tell of it.
func TestAQuietConnectionIsKept(t *testing.T) {
	server := newCounted(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") })
	client := insecureClient(t)
	var l line
	defer l.hangUp()
	for range 5 {
		if got, err := server.over(t, &l, client); got != "fine" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if got := server.connections.Load(); got != 1 {
		t.Errorf("%d connections", got)
	}
}

var _ net.Error = nothingError{}

func peekBytes(raw syscall.RawConn) (n int, err error) {
	failed := raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, err = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	})
	if errors.Is(err, syscall.EAGAIN) {
		err = nil
	}
	return n, errors.Join(failed, err)
}
