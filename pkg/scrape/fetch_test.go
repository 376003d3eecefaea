package scrape

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
)

func TestFetchReadsNoMoreThanItsLimit(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			write(w, 64<<10)
		}
	}))
	defer endless.Close()
	const limit = 100_000
	q := question{client: endless.Client(), timeout: testTimeout, url: endless.URL, limit: limit}
	var body bytes.Buffer
	if err := fetchInto(t.Context(), q, &body); !errors.Is(err, errTooLarge) {
		t.Errorf("got error %v, want errTooLarge", err)
	}
	if body.Len() > limit+1 {
		t.Errorf("read %d bytes, want at most %d", body.Len(), limit+1)
	}
}

func TestFetchAsksForPlainBytes(t *testing.T) {
	var asked http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = r.Header }))
	defer server.Close()
	if err := fetchOnce(t, server.URL, Access{Plain: true}, &rest.Config{}); err != nil {
		t.Fatal(err)
	}
	if got := asked.Get("Accept-Encoding"); got != "identity" {
		t.Errorf("asked for %q", got)
	}
}

func TestRestConfigOfKubelets(t *testing.T) {
	cluster := rest.TLSClientConfig{CAFile: "/cluster-ca", CAData: []byte("ca"), ServerName: "api", NextProtos: []string{"h2"}}
	alpn := []string{"http/1.1"}
	tests := []struct {
		name   string
		access Access
		want   rest.TLSClientConfig
	}{
		{"as the cluster", Access{}, rest.TLSClientConfig{CAFile: "/cluster-ca", CAData: []byte("ca"), NextProtos: alpn}},
		{"an authority of their own", Access{CAFile: "/ca"}, rest.TLSClientConfig{CAFile: "/ca", NextProtos: alpn}},
		{"not verified", Access{InsecureTLS: true}, rest.TLSClientConfig{Insecure: true, NextProtos: alpn}},
		{"our own certificate", Access{CertFile: "/crt", KeyFile: "/key"},
			rest.TLSClientConfig{CAFile: "/cluster-ca", CAData: []byte("ca"), CertFile: "/crt", KeyFile: "/key", NextProtos: alpn}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.access.restConfig(&rest.Config{TLSClientConfig: cluster})
			if diff := cmp.Diff(tt.want, got.TLSClientConfig); diff != "" {
				t.Errorf("TLS (-want +got):\n%s", diff)
			}
		})
	}
}
