package reason

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
)

// TestReasonsOfRealFailures has real servers fail a real client.
func TestReasonsOfRealFailures(t *testing.T) {
	respond := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		prepare func(*httptest.Server, *rest.Config)
		want    string
	}{
		{"fine", respond(200), nil, ""},
		{"401", respond(401), nil, "unauthenticated"},
		{"403", respond(403), nil, "forbidden"},
		{"404", respond(404), nil, "not_found"},
		{"500", respond(500), nil, "status"},
		{"redirect", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, nil, "redirect"},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, nil, "timeout"},
		{"hangs in the middle", func(w http.ResponseWriter, r *http.Request) {
			write(w, 1)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, nil, "slow"},
		{"breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			write(w, 1)
		}, nil, "truncated"},
		{"closes the connection", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, "broken"},
		{"too large", func(w http.ResponseWriter, _ *http.Request) { write(w, 1<<20) }, nil, "too_large"},
		{"gone", respond(200), func(s *httptest.Server, _ *rest.Config) { s.Close() }, "refused"},
		{"unknown authority", respond(200), func(_ *httptest.Server, c *rest.Config) { c.CAData = nil }, "tls_unknown_authority"},
		{"wrong name", respond(200), func(s *httptest.Server, _ *rest.Config) {
			s.URL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
		}, "tls_wrong_name"},
		{"client certificate wanted", respond(200), func(s *httptest.Server, _ *rest.Config) {
			s.TLS.ClientAuth, s.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		}, "tls_refused"},
		{"no TLS", respond(200), func(s *httptest.Server, _ *rest.Config) {
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
			reason := Of(err)
			if reason.Label() != tt.want {
				t.Fatalf("got the reason %q of error %v, want %q", reason.Label(), err, tt.want)
			}
			if (reason.Message() == "") != (tt.want == "") || strings.Contains(reason.Message(), "127.0") {
				t.Errorf("the message is %q", reason.Message())
			}
		})
	}
}

// write sends so many bytes; the reader may close the connection before the end.
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
	client, err := kubelet.NewClient(kubelet.Config{Policy: address.Policy{AllowLocal: true}}, cluster, kubelet.NewMemory(func() int64 { return math.MaxInt64 }))
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

// TestNoDescriptors has the reason of a failure that is not the kubelet's, however the connection was to be made.
func TestNoDescriptors(t *testing.T) {
	socket := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.EMFILE)}
	for name, err := range map[string]error{
		"one address": fmt.Errorf("get: %w", socket),
		"a name":      &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{UnwrapErr: socket, Name: "node", Err: "too many open files"}},
		"whole host":  &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", syscall.ENFILE)},
	} {
		if got := Of(err).Label(); got != "no_descriptors" {
			t.Errorf("%s: the reason is %q", name, got)
		}
	}
}

// TestAddressesOfAFailure lists each with its code.
func TestAddressesOfAFailure(t *testing.T) {
	err := fmt.Errorf("get: %w", &kubelet.AddressesError{Failed: []kubelet.FailedAddress{
		{Address: "a:1", Err: &net.DNSError{Err: "no such host"}},
		{Address: "b:1", Err: &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}},
		{Address: "c:1", Err: context.DeadlineExceeded},
	}})
	if got, want := Addresses(err), "a:1 unknown_host, b:1 refused, c:1 timeout"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Of(err).Label(); got != "timeout" {
		t.Errorf("the reason is %q", got)
	}
	if got := Addresses(errors.New("other")); got != "" {
		t.Errorf("another error has the addresses %q", got)
	}
}
