package sources

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"k8s.io/client-go/rest"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// everyFlag has the flags that a server on these clusters needs in addition to its sources: nodes' names do not resolve, and no test waits a minute.
var everyFlag = []string{"--kubelet-preferred-address-types=InternalIP", "--metric-resolution=5s"}

// start starts a server in the home cluster that has these sources and further flags. It ends with the test.
func start(t *testing.T, args ...string) *cluster.Server {
	t.Helper()
	server, err := home.StartBareServer(t.Context(), slices.Concat(everyFlag, args)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(t, server) })
	return server
}

// end stops a server, and prints its log where the test has failed.
func end(t *testing.T, server *cluster.Server) {
	if err := server.Stop(); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(server.Log()); t.Failed() && err == nil {
		t.Logf("the log of the server:\n%s", text)
	}
}

// source is the value of --source by which a server in the home cluster reads another one.
func source(b *cluster.Cluster, name string) string {
	return fmt.Sprintf("--source=kubernetes?cluster=%s&auth=%s&kubeletCertificateAuthority=%s&useNodeStatusPort=true",
		name, b.Kubeconfig(), b.KubeletCA())
}

// ofHome are the flags by which a server reads the home cluster.
func ofHome() []string {
	return []string{"--kubeconfig=" + home.Kubeconfig(), "--kubelet-certificate-authority=" + home.KubeletCA()}
}

// below is where a server serves a cluster; empty for the home cluster.
func below(name string) string {
	if name == "" {
		return ""
	}
	return "/clusters/" + name
}

// asAdmin is a configuration of a client that may see everything, with the cluster's path as the server's address.
func asAdmin(t *testing.T, server *cluster.Server, name string) *rest.Config {
	t.Helper()
	config, err := server.ConfigFor("admin", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	config.Host += below(name)
	return config
}

func clientOf(t *testing.T, config *rest.Config) metricsclient.Interface {
	t.Helper()
	client, err := metricsclient.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}
