package options_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/address"
)

func TestAPIServers(t *testing.T) {
	for _, tt := range []struct {
		name, host, service, port string
		want                      []address.HostPort
	}{
		{"in a pod", "https://10.96.0.1:443", "10.96.0.1", "443", []address.HostPort{{Host: "10.96.0.1", Port: 443}}},
		{"in a pod with a kubeconfig", "https://192.0.2.1:6443", "10.96.0.1", "", []address.HostPort{{Host: "192.0.2.1", Port: 6443}, {Host: "10.96.0.1", Port: 443}}},
		{"in a pod that knows a name", "https://10.96.0.1", "api.example.com", "8443",
			[]address.HostPort{{Host: "10.96.0.1", Port: 443}, {Host: "api.example.com", Port: 8443}}},
		{"in a pod of the host's network", "https://192.0.2.1:6443", "192.0.2.1", "6443", []address.HostPort{{Host: "192.0.2.1", Port: 6443}}},
		{"with a port that is none", "https://10.96.0.1", "10.96.0.1", "0", []address.HostPort{{Host: "10.96.0.1", Port: 443}}},
		{"elsewhere", "https://api.example.com:6443/path", "", "", []address.HostPort{{Host: "api.example.com", Port: 6443}}},
		{"in IPv6", "https://[fd00::1]", "", "", []address.HostPort{{Host: "fd00::1", Port: 443}}},
		{"without TLS", "http://192.0.2.1", "", "", []address.HostPort{{Host: "192.0.2.1", Port: 80}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("KUBERNETES_SERVICE_HOST", tt.service)
			t.Setenv("KUBERNETES_SERVICE_PORT", tt.port)
			got, err := options.APIServers(&rest.Config{Host: tt.host}, "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("API servers (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTheEnvironmentIsOfTheHomeCluster has addresses of nodes of other clusters be what this pod's API server has.
func TestTheEnvironmentIsOfTheHomeCluster(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
	t.Setenv("KUBERNETES_SERVICE_PORT", "443")
	got, err := options.APIServers(&rest.Config{Host: "https://192.0.2.1:6443"}, "west")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]address.HostPort{{Host: "192.0.2.1", Port: 6443}}, got); diff != "" {
		t.Errorf("API servers (-want +got):\n%s", diff)
	}
}
