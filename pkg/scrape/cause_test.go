package scrape

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// TestCauseOfRealFailures has real servers fail at a real client.
func TestCauseOfRealFailures(t *testing.T) {
	answer := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		prepare func(*httptest.Server, *rest.Config)
		want    string
	}{
		{"fine", answer(200), nil, ""},
		{"401", answer(401), nil, "unauthenticated"},
		{"403", answer(403), nil, "forbidden"},
		{"404", answer(404), nil, "not_found"},
		{"500", answer(500), nil, "status"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, nil, "status"},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, nil, "timeout"},
		{"hangs in the middle", func(w http.ResponseWriter, r *http.Request) {
			write(w, 1)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, nil, "timeout"},
		{"breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			write(w, 1)
		}, nil, "truncated"},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, "broken"},
		{"too large", func(w http.ResponseWriter, _ *http.Request) { write(w, 1<<20) }, nil, "too_large"},
		{"gone", answer(200), func(s *httptest.Server, _ *rest.Config) { s.Close() }, "refused"},
		{"unknown authority", answer(200), func(_ *httptest.Server, c *rest.Config) { c.CAData = nil }, "tls_unknown_authority"},
		{"wrong name", answer(200), func(s *httptest.Server, _ *rest.Config) {
			s.URL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
		}, "tls_wrong_name"},
		{"client certificate wanted", answer(200), func(s *httptest.Server, _ *rest.Config) {
			s.TLS.ClientAuth, s.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		}, "tls_refused"},
		{"no TLS", answer(200), func(s *httptest.Server, _ *rest.Config) {
			s.URL = strings.Replace(plainServer(t), "http:", "https:", 1)
		}, "tls_plain"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(tt.handler)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			defer server.Close()
			config := &rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})}}
			if tt.prepare != nil {
				tt.prepare(server, config)
			}
			err := getOnce(t, server.URL, config)
			cause := causeOf(err)
			if cause.Code != tt.want {
				t.Fatalf("got cause %q of error %v, want %q", cause.Code, err, tt.want)
			}
			if (cause.Text == "") != (tt.want == "") || strings.Contains(cause.Text, "127.0") {
				t.Errorf("the explanation is %q", cause.Text)
			}
		})
	}
}

// write sends so many bytes; the reader may hang up before the end.
func write(w http.ResponseWriter, n int) { _, _ = w.Write(bytes.Repeat([]byte("a"), n)) }

func plainServer(t *testing.T) string {
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return s.URL
}

const testTimeout = 3 * time.Second

// getOnce requests a URL over a connection of its own.
func getOnce(t *testing.T, url string, cluster *rest.Config) error {
	t.Helper()
	client, err := kubelet.NewClient(kubelet.Config{Policy: target.Policy{AllowLocal: true}}, cluster, kubelet.NewMemory(func() int64 { return math.MaxInt64 }))
	if err != nil {
		t.Fatal(err)
	}
	var conn kubelet.Conn
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	body, _, err := client.Get(ctx, &conn, url, 1000)
	if err == nil {
		body.Close()
	}
	return err
}

// TestCauseNamesAllAddresses as the 404 and the log have them.
func TestCauseNamesAllAddresses(t *testing.T) {
	inBubble(t, func(c *testConfig) {
		c.transport = roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, &kubelet.AddressesError{Failed: []kubelet.FailedAddress{
				{Address: "a:1", Err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}},
				{Address: "b:1", Err: &net.DNSError{Err: "no such host"}},
			}}
		})
	}, func(t *testing.T, bed *bed) {
		n := node("n")
		n.URL, n.Addresses = "http://a:1/", "a:1 b:1"
		bed.Set(n)
		<-time.After(2 * firstSpread)
		if got := bed.Cause("n"); !strings.HasSuffix(got, "; addresses tried: a:1 refused, b:1 unknown_host") {
			t.Errorf("the cause is %q", got)
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
