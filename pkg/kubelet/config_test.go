package kubelet

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
)

func TestRESTConfigForKubelets(t *testing.T) {
	cluster := rest.TLSClientConfig{CAFile: "/cluster-ca", CAData: []byte("ca"), ServerName: "api", NextProtos: []string{"h2"}}
	alpn := []string{"http/1.1"}
	tests := []struct {
		name   string
		config Config
		want   rest.TLSClientConfig
	}{
		{"as the cluster", Config{}, rest.TLSClientConfig{CAFile: "/cluster-ca", CAData: []byte("ca"), NextProtos: alpn}},
		{"own authority", Config{CAFile: "/ca"}, rest.TLSClientConfig{CAFile: "/ca", NextProtos: alpn}},
		{"not verified", Config{InsecureTLS: true}, rest.TLSClientConfig{Insecure: true, NextProtos: alpn}},
		{"own certificate", Config{CertFile: "/crt", KeyFile: "/key"},
			rest.TLSClientConfig{CAFile: "/cluster-ca", CAData: []byte("ca"), CertFile: "/crt", KeyFile: "/key", NextProtos: alpn}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.config.restConfig(&rest.Config{TLSClientConfig: cluster})
			if diff := cmp.Diff(tt.want, got.TLSClientConfig); diff != "" {
				t.Errorf("TLS (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClientCertificateReplacesTheToken(t *testing.T) {
	cluster := &rest.Config{BearerToken: "secret", BearerTokenFile: "/token", TLSClientConfig: rest.TLSClientConfig{CAFile: "/ca", ServerName: "api"}}
	got := Config{CertFile: "/crt", KeyFile: "/key"}.restConfig(cluster)
	if got.BearerToken != "" || got.BearerTokenFile != "" {
		t.Error("the token would be sent in addition to the certificate")
	}
	want := rest.TLSClientConfig{CAFile: "/ca", CertFile: "/crt", KeyFile: "/key"}
	got.NextProtos = nil
	if got.TLSClientConfig.String() != want.String() {
		t.Errorf("got %v, want %v", got.TLSClientConfig, want)
	}
}
