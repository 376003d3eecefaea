package scrape

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/component-base/metrics/testutil"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"
)

// TestUnrequestedBytesAreCounted has a node send bytes that no request asked for, ten times: each is counted, and one is logged.
func TestUnrequestedBytesAreCounted(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.Set(node("a"))
		synctest.Wait()
		logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(0)))
		ctx := klog.NewContext(t.Context(), logger)
		for range 10 {
			b.all()[0].line.unrequested(ctx)
		}
		want := `# HELP plimsoll_kubelet_connections_closed_total [ALPHA] Connections to kubelets that were closed because of what the kubelet sent, by reason: unrequested_bytes are bytes that no request asked for.
# TYPE plimsoll_kubelet_connections_closed_total counter
plimsoll_kubelet_connections_closed_total{cluster="",reason="unrequested_bytes"} 10
`
		if err := testutil.GatherAndCompare(b.registry, strings.NewReader(want), "plimsoll_kubelet_connections_closed_total"); err != nil {
			t.Error(err)
		}
		text := logger.GetSink().(ktesting.Underlier).GetBuffer().String()
		if strings.Count(text, "\n") != 1 || !strings.Contains(text, `node="a"`) {
			t.Errorf("the log is %q, want one line that names the node", text)
		}
	})
}

// TestClosingIsNotUnrequested has a kubelet close its connection in each way that is valid: that is no attack, and not counted.
func TestClosingIsNotUnrequested(t *testing.T) {
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
				l := line{unrequested: func(context.Context) { t.Error("it was counted") }}
				defer l.hangUp()
				if !tt.idle {
					l.rest = func() { <-closed } // The end has come before the response is read.
				}
				client := insecureClient(t)
				for range 3 {
					var body bytes.Buffer
					q := question{client: client, timeout: 5 * time.Second, url: server, line: &l, limit: 1 << 20}
					if err := fetchInto(t.Context(), q, &body); err != nil || body.String() != "true" {
						t.Fatalf("got %q: %v", body.String(), err)
					}
					if tt.idle {
						read <- struct{}{}
						<-closed
						awaitBytes(t, &l)
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
			l := line{unrequested: func(context.Context) { counted++ }}
			defer l.hangUp()
			if !tt.idle {
				l.rest = func() { <-sent }
			}
			client := insecureClient(t)
			for range 3 {
				var body bytes.Buffer
				q := question{client: client, timeout: 5 * time.Second, url: server, line: &l, limit: 1 << 20}
				if err := fetchInto(t.Context(), q, &body); err != nil || body.String() != "true" {
					t.Fatalf("got %q: %v", body.String(), err)
				}
				if tt.idle {
					read <- struct{}{}
					<-sent
					awaitBytes(t, &l)
				}
			}
			if want := map[bool]int{false: 3, true: 2}[tt.idle]; counted != want {
				t.Errorf("%d connections were counted, want %d", counted, want)
			}
		})
	}
}

// closingServer answers each request and gives the connection to end. It speaks plain HTTP where version is 0. It returns its URL.
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
	server.Config.ErrorLog = quiet()
	if version == 0 {
		server.Start()
		return server.URL
	}
	server.TLS = &tls.Config{MaxVersion: version}
	server.StartTLS()
	return server.URL
}
