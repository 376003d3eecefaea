package kubelet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestUnrequestedBytesAreNoResponse has a kubelet send a second response behind the first, or while the connection is idle: it must not be
// used as the response to the next request.
func TestUnrequestedBytesAreNoResponse(t *testing.T) {
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
				server.Config.ErrorLog = discardLog()
				if secure {
					server.TLS = &tls.Config{DynamicRecordSizingDisabled: true}
					server.StartTLS()
				} else {
					server.Start()
				}
				t.Cleanup(server.Close)
				client := newInsecureClient(t)
				counted := 0
				c := Conn{OnUnrequestedBytes: func(context.Context) { counted++ }}
				defer c.Close()
				for range 3 {
					if got, err := get(t, client, &c, server.URL, 5*time.Second); err != nil || got != tt.want {
						t.Fatalf("got %.20q, want %.20q: %v", got, tt.want, err)
					}
					if tt.later != "" {
						idle <- struct{}{}
						<-sent
						awaitBytes(t, &c)
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

// awaitBytes returns when bytes or the end of the connection have come over an idle connection, without reading them.
func awaitBytes(t *testing.T, c *Conn) {
	t.Helper()
	raw := c.persistent.records.raw
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

func TestIdleConnectionIsKept(t *testing.T) {
	server := newTestServer(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") })
	client := newInsecureClient(t)
	var c Conn
	defer c.Close()
	for range 5 {
		if got, err := server.get(t, &c, client); got != "fine" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if got := server.connections.Load(); got != 1 {
		t.Errorf("%d connections", got)
	}
}

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
