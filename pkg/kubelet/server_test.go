package kubelet

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/address"
)

// loopbackPolicy accepts the addresses of the tests' servers.
var loopbackPolicy = address.Policy{AllowLocal: true}

const testTimeout = 3 * time.Second

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func newUnlimitedMemory() *Memory { return NewMemory(func() int64 { return math.MaxInt64 }) }

// write writes so many bytes; the reader may close the connection before the end.
func write(w http.ResponseWriter, n int) { _, _ = w.Write(bytes.Repeat([]byte("a"), n)) }

// testServer counts the connections that were made to it, and the requests.
type testServer struct {
	*httptest.Server
	connections, requests atomic.Int32
}

func newTestServer(t *testing.T, handler http.HandlerFunc) *testServer {
	s := &testServer{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		handler(w, r)
	}))
	s.Config.ErrorLog = discardLog()
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// get requests a path of the server and returns the body.
func (s *testServer) get(t *testing.T, c *Conn, client *Client) (string, error) {
	t.Helper()
	return get(t, client, c, s.URL+"/a?b=c", 5*time.Second)
}

// get requests a URL and returns the body.
func get(t *testing.T, client *Client, c *Conn, url string, timeout time.Duration) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	body, _, err := client.Get(ctx, c, url, 1<<20)
	if err != nil {
		return "", err
	}
	defer body.Close()
	return string(body.Bytes()), nil
}

func newTestClient(t *testing.T, c Config, cluster *rest.Config) *Client {
	t.Helper()
	client, err := NewClient(c, cluster, newUnlimitedMemory())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func newInsecureClient(t *testing.T) *Client {
	t.Helper()
	return newTestClient(t, Config{InsecureTLS: true, Policy: loopbackPolicy}, &rest.Config{BearerToken: "secret"})
}

// getOnce requests a URL with a client and a connection of its own.
func getOnce(t *testing.T, url string, c Config, cluster *rest.Config) error {
	t.Helper()
	c.Policy.AllowLocal = true
	var conn Conn
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	body, _, err := newTestClient(t, c, cluster).Get(ctx, &conn, url, 1000)
	if err == nil {
		body.Close()
	}
	return err
}

// kindOf names the kind of an error, as a caller distinguishes errors: the first that applies.
func kindOf(err error) string {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*StatusError](err); ok {
		return http.StatusText(e.Code)
	}
	for _, k := range []struct {
		kind string
		is   bool
	}{
		{"other node", errors.Is(err, ErrOtherNode)},
		{"unknown authority", is[x509.UnknownAuthorityError](err)},
		{"wrong name", is[x509.HostnameError](err)},
		{"unverified", is[*tls.CertificateVerificationError](err)},
		{"scheme mismatch", errors.Is(err, http.ErrSchemeMismatch)},
		{"too large", errors.Is(err, ErrHeaderTooLarge) || errors.Is(err, ErrTooLarge)},
		{"no memory", errors.Is(err, ErrNoMemory)},
		{"timeout", errors.Is(err, context.DeadlineExceeded)},
		{"not allowed", is[*address.Error](err)},
		{"refused", errors.Is(err, syscall.ECONNREFUSED)},
		{"unknown host", is[*net.DNSError](err)},
		{"truncated", errors.Is(err, io.ErrUnexpectedEOF)},
		{"closed", errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)},
		{"handshake", errors.Is(err, ErrHandshake)},
		{"unreachable", is[*net.OpError](err)},
		{"malformed", errors.Is(err, ErrMalformed)},
	} {
		if k.is {
			return k.kind
		}
	}
	return "other"
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// checkBounded checks the kind and the text of an error: what the kubelet wrote into it is short.
func checkBounded(t *testing.T, err error, kind string) {
	t.Helper()
	if got := kindOf(err); got != kind {
		t.Errorf("got the kind %q of %v, want %q", got, err, kind)
	}
	if text := err.Error(); len(text) > 400 || strings.ContainsAny(text, "\x1b\n\r") {
		t.Errorf("the error has %d bytes: %.500q", len(text), text)
	}
}

// transportFunc is an http.RoundTripper.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// newClientThrough returns a client whose requests a transport responds to.
func newClientThrough(memory *Memory, transport http.RoundTripper) *Client {
	return NewClientThrough(memory, func(*Conn) http.RoundTripper { return transport })
}
