package kubelet

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

func TestGetReadsNoMoreThanItsLimit(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			write(w, 64<<10)
		}
	}))
	defer endless.Close()
	const limit = 100_000
	memory := newUnlimitedMemory()
	one := &Body{memory: memory}
	memory.bodies.New = func() any { return one }
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	if _, _, err := newClientThrough(memory, endless.Client().Transport).Get(ctx, new(Conn), endless.URL, limit); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got error %v, want ErrTooLarge", err)
	}
	if one.buf.Len() > limit+1 {
		t.Errorf("read %d bytes, want at most %d", one.buf.Len(), limit+1)
	}
}

func TestGetReturnsWhenTheRequestWasSent(t *testing.T) {
	var sent time.Time
	server := newTestServer(t, func(http.ResponseWriter, *http.Request) {
		sent = time.Now()
		<-time.After(20 * time.Millisecond)
	})
	var c Conn
	defer c.Close()
	client := newInsecureClient(t)
	for range 2 {
		begin := time.Now()
		body, sentAt, err := client.Get(t.Context(), &c, server.URL, 1000)
		if err != nil {
			t.Fatal(err)
		}
		body.Close()
		if sentAt.Before(begin) || sentAt.After(sent.Add(10*time.Millisecond)) {
			t.Errorf("sent %s after the beginning, received %s after it", sentAt.Sub(begin), sent.Sub(begin))
		}
	}
}

func TestGetRequestsPlainBytes(t *testing.T) {
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { header = r.Header }))
	defer server.Close()
	if err := getOnce(t, server.URL, Config{Plain: true}, &rest.Config{}); err != nil {
		t.Fatal(err)
	}
	if got := header.Get("Accept-Encoding"); got != "identity" {
		t.Errorf("requested %q", got)
	}
}

// TestCredentials checks what a kubelet receives.
func TestCredentials(t *testing.T) {
	tests := []struct {
		name   string
		config Config
		// trusted is true where the cluster's CA pool has the kubelet's authority.
		trusted bool
		want    string
	}{
		{"verified", Config{}, true, "Bearer secret"},
		{"not verified", Config{}, false, ""},
		{"insecure by flag", Config{InsecureTLS: true}, false, "Bearer secret"},
		{"insecure by the API server's own configuration", Config{}, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(chan string, 1)
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got <- r.Header.Get("Authorization")
			}))
			server.Config.ErrorLog = discardLog()
			server.StartTLS()
			defer server.Close()
			cluster := &rest.Config{BearerToken: "secret"}
			cluster.Insecure = strings.HasPrefix(tt.name, "insecure by the API")
			if tt.trusted {
				cluster.CAData = pemOf(server.Certificate())
			}
			err := getOnce(t, server.URL, tt.config, cluster)
			close(got)
			if token := <-got; token != tt.want {
				t.Errorf("the kubelet received %q, want %q (error: %v)", token, tt.want, err)
			}
		})
	}
}

func TestPlainSendsNoCredentials(t *testing.T) {
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { header = r.Header }))
	defer server.Close()
	if err := getOnce(t, server.URL, Config{Plain: true}, &rest.Config{BearerToken: "secret"}); err != nil {
		t.Fatal(err)
	}
	if got := header.Get("Authorization"); got != "" {
		t.Errorf("sent %q", got)
	}
}

func TestNoProxyIsUsed(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	proxied := &rest.Config{
		TLSClientConfig: rest.TLSClientConfig{CAData: pemOf(server.Certificate())},
		Proxy: func(r *http.Request) (*url.URL, error) {
			t.Errorf("a proxy is requested for %s", r.URL)
			return nil, http.ErrNotSupported
		},
	}
	if err := getOnce(t, server.URL, Config{}, proxied); err != nil {
		t.Error(err)
	}
}
