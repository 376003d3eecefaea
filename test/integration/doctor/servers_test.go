package doctor

import (
	"net"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// TestOtherServers has the APIServices lead to servers whose flags are wrong.
func TestOtherServers(t *testing.T) {
	const nodes, apiService = "/apis/metrics.k8s.io/v1beta1/nodes", "apiservice/v1beta1.metrics.k8s.io"
	cert, key, err := env.ServingCert([]string{"usage.elsewhere.svc"}, []net.IP{net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, code, object string
		args               []string
		others             []string
	}{
		{"selector that takes no node", "PLM-NODE-NOT-SELECTED", "node/" + env.Fleet.Nodes()[0], []string{"--node-selector=pool=none"}, nil},
		{"wrong port of all kubelets", "PLM-KUBELET-REFUSED", nodes, []string{"--kubelet-use-node-status-port=false", "--kubelet-port=1"}, []string{"PLM-API-FAILING", "PLM-API-COLLECTING"}},
		{"certificate of another Service", "PLM-CERTIFICATE-NAME", apiService, []string{"--tls-cert-file=" + cert, "--tls-private-key-file=" + key}, nil},
		{"other authority of the front proxy", "PLM-FRONT-PROXY-REFUSED", apiService, []string{"--requestheader-client-ca-file=" + env.CAFile()}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			awaitHealthy(t)
			leadTo(t, launch(t, tt.args...))
			found := awaitFinding(t, tt.code, tt.object, append(tt.others, "PLM-APISERVICE-NO-ROUTE")...)
			if found.Cure == "" {
				t.Errorf("there is no cure: %+v", found)
			}
		})
	}
	awaitHealthy(t)
}

// launch starts a server, ready or not. It ends with the test.
func launch(t *testing.T, args ...string) *cluster.Server {
	t.Helper()
	program, err := env.Plimsoll(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server, err := env.Launch(program, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}

func leadTo(t *testing.T, server *cluster.Server) {
	t.Helper()
	patchAPIServices(t, map[string]any{"service": map[string]any{"namespace": "plimsoll-system", "name": "plimsoll", "port": server.Port}})
}
