package sources

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestSourcesOfHeapster starts a server with each line of a Heapster's manifest, as it stands but for addresses.
func TestSourcesOfHeapster(t *testing.T) {
	resource, plain, summary := way{fleet.PathResource, false}, way{fleet.PathResource, true}, way{fleet.PathSummary, false}
	const elsewhere, inPod = false, true
	tests := []struct {
		line  string
		inPod bool
		way   way
	}{
		{"kubernetes", elsewhere, resource},
		{"kubernetes", inPod, resource},
		{"kubernetes:http://ADDRESS:PORT?inClusterConfig=false", elsewhere, plain},
		{"kubernetes:https://ADDRESS?inClusterConfig=false&useServiceAccount=true&auth=", inPod, resource},
		{"kubernetes.summary_api:''", elsewhere, summary},
		{"kubernetes.summary_api:''", inPod, summary},
		{"kubernetes:https://ADDRESS?inClusterConfig=false&insecure=true&auth=/path/kubeconfig", elsewhere, resource},
	}
	proxy, stop, err := home.Proxy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() }) // It had nothing to do any more.
	replacer := strings.NewReplacer("http://ADDRESS:PORT", proxy, "https://ADDRESS", home.AdminConfig().Host, "/path/kubeconfig", home.Kubeconfig())
	for _, tt := range tests {
		name := tt.line
		if tt.inPod {
			name += " in a pod"
		}
		t.Run(name, func(t *testing.T) {
			home.Fleet.ResetTraffic()
			var server *cluster.Server
			if flag := "--source=" + replacer.Replace(tt.line); tt.inPod {
				server = startInPod(t, "--kubelet-certificate-authority="+home.KubeletCA(), flag)
			} else {
				server = start(t, append(ofHome(), flag)...)
			}
			client := clientOf(t, asAdmin(t, server, ""))
			poll.Eventually(t, servedWithin, func(ctx context.Context) error { return allServed(ctx, client, home.Fleet) })
			for _, node := range home.Fleet.Nodes() {
				wasScraped(t, node, tt.way)
			}
		})
	}
}

// wasScraped wants all requests to a node since the start to be of one way. Rates of the first readings may come from the summary.
func wasScraped(t *testing.T, node string, w way) {
	if err := scraped(node, w, 1); err != nil {
		t.Error(err)
	}
	got := home.Fleet.Traffic(node)
	if got.Requests[w.path]+got.Requests[fleet.PathSummary] < total(got) || !w.plain && got.Plain > 0 || w.plain && got.Plain < total(got) {
		t.Errorf("%s received requests for %v, %d times at its read-only port; want %+v", node, got.Requests, got.Plain, w)
	}
}

// startInPod is start with the mounts of a pod. It skips the test where there are no mount namespaces.
func startInPod(t *testing.T, args ...string) *cluster.Server {
	t.Helper()
	server, err := home.StartPodServer(t.Context(), slices.Concat(everyFlag, args)...)
	if errors.Is(err, cluster.ErrNoNamespace) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(t, server) })
	return server
}
