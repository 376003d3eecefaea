package apiserver_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/http2"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/client-go/util/cert"
)

// pipes is a listener whose connections have no buffer: what a client does not take, the server cannot write.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	close    sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.close.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

// pipe is the server's end, whose closing the test sees.
type pipe struct {
	net.Conn
	closed chan struct{}
	close  sync.Once
}

func (p *pipe) Close() error {
	p.close.Do(func() { close(p.closed) })
	return p.Conn.Close()
}

// TestNothingIsHeldForEver has a client hold each thing that it can. The server closes the connection within a bound, and no goroutine is left.
func TestNothingIsHeldForEver(t *testing.T) {
	const (
		post     = "POST /apis/metrics.k8s.io/v1/pods HTTP/1.1\r\nHost: test\r\n"
		list     = "GET /apis/metrics.k8s.io/v1/pods HTTP/1.1\r\nHost: test\r\n"
		headers  = 32 * time.Second // the library's ReadHeaderTimeout
		idle     = 90 * time.Second // the library's IdleTimeout
		ended    = 2 * time.Second  // what the server takes to end a connection
		body     = 10 * time.Second // afterHandler
		refusal  = 5 * time.Second  // refusalTime
		farewell = 5 * time.Second  // for which crypto/tls tries to send its last auditRecord
		request  = time.Minute + time.Second
	)
	sends := func(text string, reads bool) func(*testing.T, net.Conn) {
		return func(t *testing.T, raw net.Conn) {
			c := handshake(t, raw, "http/1.1")
			write(t, c, text)
			if reads {
				go func() { _, _ = io.Copy(io.Discard, c) }()
			}
		}
	}
	streams := func(method string, body, reads bool, headers ...string) func(*testing.T, net.Conn) {
		return func(t *testing.T, raw net.Conn) {
			h := greet(t, raw)
			go func() { // A pipe has no buffer, so the server's settings have to be read meanwhile.
				for {
					if _, err := h.ReadFrame(); err != nil {
						return
					}
				}
			}()
			if err := h.open(method, apisMetrics+"v1/pods", body, headers...); err != nil {
				t.Error(err)
			}
			if reads {
				_ = h.WriteWindowUpdate(1, 1<<20)
			}
		}
	}
	user := []string{"x-test-user", "autoscaler"}
	tests := []struct {
		name  string
		hold  func(*testing.T, net.Conn)
		bound time.Duration
	}{
		{"TLS handshake that never begins", func(*testing.T, net.Conn) {}, headers + ended},
		{"TLS handshake that never ends", func(t *testing.T, c net.Conn) { write(t, c, "\x16\x03\x01\x00\xff") }, headers + ended},
		{"no request", sends("", true), headers + ended},
		{"half a header", sends(post, true), headers + ended},
		{"body that never comes", sends(post+"Content-Length: 1000\r\n\r\n", true), body + ended},
		{"large body that never comes", sends(post+"Content-Length: 1000000\r\n\r\n", true), body + ended},
		{"half a body", sends(post+"Content-Length: 1000\r\n\r\nhalf", true), body + ended},
		{"chunk that never comes", sends(post+"Transfer-Encoding: chunked\r\n\r\n", true), body + ended},
		{"half a chunk", sends(post+"Transfer-Encoding: chunked\r\n\r\n5\r\nha", true), body + ended},
		{"body that is asked for", sends(post+"Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n", true), body + ended},
		{"body to a probe", sends("POST /livez HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n", true), body + ended},
		{"body, authorized", sends(post+"X-Test-User: autoscaler\r\nContent-Length: 1000\r\n\r\n", true), body + ended},
		{"body of what is out of bounds", sends("POST /"+strings.Repeat("a", 5000)+" HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n", true), body + ended},
		{"connection that is kept alive", sends(list+"\r\n", true), idle + ended},
		{"refusal that is not taken", sends(list+"\r\n", false), body + farewell + ended},
		{"response that is not taken", sends(list+"X-Test-User: autoscaler\r\n\r\n", false), body + farewell + ended},
		{"HTTP/2 without a preface", func(t *testing.T, c net.Conn) { handshake(t, c, "h2") }, 10*time.Second + ended},
		{"HTTP/2 that takes nothing", func(t *testing.T, c net.Conn) {
			write(t, handshake(t, c, "h2"), http2.ClientPreface)
		}, request + ended},
		{"HTTP/2 without a stream", streams(http.MethodGet, false, true, user...), idle + ended},
		{"HTTP/2 body that never comes", streams(http.MethodPost, true, true, user...), idle + ended},
		{"HTTP/2 body that never comes, refused", streams(http.MethodPost, true, true), refusal + ended},
		{"HTTP/2 refusal that is not taken", streams(http.MethodGet, false, false), refusal + ended},
		{"HTTP/2 response that is not taken", streams(http.MethodGet, false, false, user...), body + idle + ended},
		{"HTTP/2 half a header", func(t *testing.T, c net.Conn) {
			h := greet(t, c)
			go func() { _, _ = io.Copy(io.Discard, h.conn) }()
			if err := h.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x82}, EndStream: true}); err != nil {
				t.Error(err)
			}
		}, idle + ended},
	}
	chain, key, err := cert.GenerateSelfSignedCertKey("localhost", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := dynamiccertificates.NewStaticCertKeyContent("test", chain, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := guardedConfig()
			config.Extra.Background = nil
			listener := &pipes{}
			config.Generic.SecureServing = &genericapiserver.SecureServingInfo{Listener: listener, Cert: certificate}
			h := handler(t, config)
			get(t.Context(), h, "/livez", "*/*") // The library's check of the log starts a goroutine for the process, which no bubble may have.
			synctest.Test(t, func(t *testing.T) {
				listener.accepted, listener.closed = make(chan net.Conn), make(chan struct{})
				stop := make(chan struct{})
				stopped, _, err := config.Generic.SecureServing.Serve(h, time.Minute, stop)
				if err != nil {
					t.Fatal(err)
				}
				here, there := net.Pipe()
				server := &pipe{Conn: there, closed: make(chan struct{})}
				listener.accepted <- server
				begin := time.Now()
				go tt.hold(t, here)
				select {
				case <-server.closed:
					t.Logf("closed after %v", time.Since(begin))
				case <-time.After(tt.bound):
					t.Errorf("the connection is open after %v", tt.bound)
				}
				here.Close()
				close(stop)
				<-stopped
			})
		})
	}
}

func handshake(t *testing.T, raw net.Conn, protocol string) *tls.Conn {
	t.Helper()
	c := tls.Client(raw, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}})
	if err := c.Handshake(); err != nil {
		t.Error(fmt.Errorf("handshake: %w", err))
	}
	return c
}

// greet begins HTTP/2 and allows no byte of a body.
func greet(t *testing.T, raw net.Conn) *hostileClient {
	t.Helper()
	c := handshake(t, raw, "h2")
	h := &hostileClient{Framer: http2.NewFramer(c, c), conn: c, next: 1}
	write(t, c, http2.ClientPreface)
	if err := h.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}); err != nil {
		t.Error(err)
	}
	return h
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}
