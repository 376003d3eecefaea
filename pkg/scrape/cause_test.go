package scrape

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
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
			server.Config.ErrorLog = quiet()
			server.StartTLS()
			defer server.Close()
			config := &rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: pemOf(server.Certificate())}}
			if tt.prepare != nil {
				tt.prepare(server, config)
			}
			err := fetchOnce(t, server.URL, Access{}, config)
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

// TestCredentials shows what a kubelet gets to see.
func TestCredentials(t *testing.T) {
	tests := []struct {
		name   string
		access Access
		trust  bool
		want   string
	}{
		{"verified", Access{}, true, "Bearer secret"},
		{"not verified", Access{}, false, ""},
		{"insecure by flag", Access{InsecureTLS: true}, false, "Bearer secret"},
		{"insecure by the API server's own configuration", Access{}, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(chan string, 1)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got <- r.Header.Get("Authorization")
			}))
			server.Config.ErrorLog = quiet()
			server.StartTLS()
			defer server.Close()
			config := &rest.Config{BearerToken: "secret"}
			config.Insecure = strings.HasPrefix(tt.name, "insecure by the API")
			if tt.trust {
				config.CAData = pemOf(server.Certificate())
			}
			err := fetchOnce(t, server.URL, tt.access, config)
			close(got)
			if saw := <-got; saw != tt.want {
				t.Errorf("the kubelet saw %q, want %q (error: %v)", saw, tt.want, err)
			}
		})
	}
}

func TestPlainSendsNoCredentials(t *testing.T) {
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { header = r.Header }))
	defer server.Close()
	if err := fetchOnce(t, server.URL, Access{Plain: true}, &rest.Config{BearerToken: "secret"}); err != nil {
		t.Fatal(err)
	}
	if got := header.Get("Authorization"); got != "" {
		t.Errorf("sent %q", got)
	}
}

func TestAClientCertificateReplacesTheToken(t *testing.T) {
	base := &rest.Config{BearerToken: "secret", BearerTokenFile: "/token", TLSClientConfig: rest.TLSClientConfig{CAFile: "/ca", ServerName: "api"}}
	got := Access{CertFile: "/crt", KeyFile: "/key"}.restConfig(base)
	if got.BearerToken != "" || got.BearerTokenFile != "" {
		t.Error("the token would be sent beside the certificate")
	}
	want := rest.TLSClientConfig{CAFile: "/ca", CertFile: "/crt", KeyFile: "/key"}
	got.NextProtos = nil
	if got.TLSClientConfig.String() != want.String() {
		t.Errorf("got %v, want %v", got.TLSClientConfig, want)
	}
}

func TestNoProxyIsUsed(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	proxied := &rest.Config{
		TLSClientConfig: rest.TLSClientConfig{CAData: pemOf(server.Certificate())},
		Proxy: func(r *http.Request) (*url.URL, error) {
			t.Errorf("a proxy is asked for on the way to %s", r.URL)
			return nil, http.ErrNotSupported
		},
	}
	if err := fetchOnce(t, server.URL, Access{}, proxied); err != nil {
		t.Error(err)
	}
}

const testTimeout = 3 * time.Second
