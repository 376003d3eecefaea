package kubelet

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestClosedConnectionIsNotUnrequestedBytes has a kubelet close its connection in each way that is valid: that is no attack, and not counted.
func TestClosedConnectionIsNotUnrequestedBytes(t *testing.T) {
	for _, tt := range []struct {
		name string
		// idle is true where the connection ends after the response was read, alert where TLS says so before.
		idle, alert bool
	}{
		{"behind the response", false, true},
		{"behind the response, without an alert", false, false},
		{"while idle", true, true},
		{"while idle, without an alert", true, false},
	} {
		for _, version := range []uint16{0, tls.VersionTLS12, tls.VersionTLS13} {
			t.Run(fmt.Sprintf("%s, TLS %x", tt.name, version), func(t *testing.T) {
				read, closed := make(chan struct{}), make(chan struct{})
				server := closingServer(t, version, func(c net.Conn) {
					if tt.idle {
						<-read
					}
					if secure, ok := c.(*tls.Conn); ok && !tt.alert {
						c = secure.NetConn()
					}
					c.Close()
					closed <- struct{}{}
				})
				c := Conn{OnUnrequestedBytes: func(context.Context) { t.Error("it was counted") }}
				defer c.Close()
				if !tt.idle {
					c.Worker = testWorker{yield: func() { <-closed }} // The end has come before the response is read.
				}
				client := newInsecureClient(t)
				for range 3 {
					if got, err := get(t, client, &c, server, 5*time.Second); err != nil || got != "true" {
						t.Fatalf("got %q: %v", got, err)
					}
					if tt.idle {
						read <- struct{}{}
						<-closed
						awaitBytes(t, &c)
					}
				}
			})
		}
	}
}

// TestUnrequestedBytesOutsideTheRecordAreFound has a kubelet send bytes in a TLS record of their own, which comes together with the response, and
// bytes that are no TLS.
func TestUnrequestedBytesOutsideTheRecordAreFound(t *testing.T) {
	const forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
	encrypted := func(c *tls.Conn) io.Writer { return c }
	plain := func(c *tls.Conn) io.Writer { return c.NetConn() }
	for _, tt := range []struct {
		name string
		idle bool
		to   func(c *tls.Conn) io.Writer
		text string
	}{
		{"a record behind the response", false, encrypted, forged},
		{"no TLS behind the response", false, plain, forged},
		{"no TLS while idle", true, plain, forged},
		{"a record with a false checksum while idle", true, plain, "\x17\x03\x03\x00\x20" + strings.Repeat("x", 32)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			read, sent, counted := make(chan struct{}), make(chan struct{}), 0
			server := closingServer(t, tls.VersionTLS13, func(c net.Conn) {
				t.Cleanup(func() { c.Close() })
				if tt.idle {
					<-read
				}
				_, _ = io.WriteString(tt.to(c.(*tls.Conn)), tt.text)
				sent <- struct{}{}
			})
			c := Conn{OnUnrequestedBytes: func(context.Context) { counted++ }}
			defer c.Close()
			if !tt.idle {
				c.Worker = testWorker{yield: func() { <-sent }}
			}
			client := newInsecureClient(t)
			for range 3 {
				if got, err := get(t, client, &c, server, 5*time.Second); err != nil || got != "true" {
					t.Fatalf("got %q: %v", got, err)
				}
				if tt.idle {
					read <- struct{}{}
					<-sent
					awaitBytes(t, &c)
				}
			}
			if want := map[bool]int{false: 3, true: 2}[tt.idle]; counted != want {
				t.Errorf("%d connections were counted, want %d", counted, want)
			}
		})
	}
}

// closingServer responds to each request and passes the connection to end. It speaks plain HTTP where version is 0. It returns its URL.
func closingServer(t *testing.T, version uint16, end func(net.Conn)) string {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue")
		end(c)
	}))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = discardLog()
	if version == 0 {
		server.Start()
		return server.URL
	}
	server.TLS = &tls.Config{MaxVersion: version}
	server.StartTLS()
	return server.URL
}
