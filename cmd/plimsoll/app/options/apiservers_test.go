package options_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/target"
)

func TestAPIServers(t *testing.T) {
	for _, tt := range []struct {
		name, host, service string
		want                []target.Endpoint
	}{
		{"in a pod", "https://10.96.0.1:443", "10.96.0.1", []target.Endpoint{{Host: "10.96.0.1", Port: 443}, {Host: "10.96.0.1"}}},
		{"elsewhere", "https://api.example.com:6443/path", "", []target.Endpoint{{Host: "api.example.com", Port: 6443}}},
		{"in IPv6", "https://[fd00::1]", "", []target.Endpoint{{Host: "fd00::1", Port: 443}}},
		{"without TLS", "http://192.0.2.1", "", []target.Endpoint{{Host: "192.0.2.1", Port: 80}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := options.APIServers(&rest.Config{Host: tt.host}, func(string) string { return tt.service })
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("API servers (-want +got):\n%s", diff)
			}
		})
	}
}
