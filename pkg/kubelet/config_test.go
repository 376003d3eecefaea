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

// TestClientCertificateReplacesTheToken whether the certificate is the kubelets' own or the cluster's.
func TestClientCertificateReplacesTheToken(t *testing.T) {
	token := rest.Config{BearerToken: "secret", BearerTokenFile: "/token", TLSClientConfig: rest.TLSClientConfig{CAFile: "/ca", ServerName: "api"}}
	withData, withFile := rest.CopyConfig(&token), rest.CopyConfig(&token)
	withData.CertData, withData.KeyData = []byte("crt"), []byte("key")
	withFile.CertFile, withFile.KeyFile = "/cluster.crt", "/cluster.key"
	for _, tt := range []struct {
		name    string
		config  Config
		cluster *rest.Config
		want    rest.TLSClientConfig
	}{
		{"of the flag", Config{CertFile: "/crt", KeyFile: "/key"}, &token, rest.TLSClientConfig{CAFile: "/ca", CertFile: "/crt", KeyFile: "/key"}},
		{"of the flag and of the cluster", Config{CertFile: "/crt", KeyFile: "/key"}, withData, rest.TLSClientConfig{CAFile: "/ca", CertFile: "/crt", KeyFile: "/key"}},
		{"of the cluster, as data", Config{}, withData, rest.TLSClientConfig{CAFile: "/ca", CertData: []byte("crt"), KeyData: []byte("key")}},
		{"of the cluster, as a file", Config{}, withFile, rest.TLSClientConfig{CAFile: "/ca", CertFile: "/cluster.crt", KeyFile: "/cluster.key"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.config.restConfig(tt.cluster)
			if got.BearerToken != "" || got.BearerTokenFile != "" {
				t.Error("the token would be sent in addition to the certificate")
			}
			got.NextProtos = nil
			if diff := cmp.Diff(tt.want, got.TLSClientConfig); diff != "" {
				t.Errorf("TLS (-want +got):\n%s", diff)
			}
		})
	}
}
