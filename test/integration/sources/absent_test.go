package sources

import (
	"context"
	"net/http"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestWithoutTheHomeCluster reads another cluster alone. The home cluster only authenticates and authorizes clients.
func TestWithoutTheHomeCluster(t *testing.T) {
	home.Fleet.ResetTraffic()
	server := start(t, source(west, "west"))
	client := clientOf(t, asAdmin(t, server, "west"))
	poll.Eventually(t, servedWithin, func(ctx context.Context) error { return allServed(ctx, client, west.Fleet) })
	want := map[string]int{
		"/readyz": http.StatusOK, "/clusters/west/readyz": http.StatusOK, "/clusters/west/apis/metrics.k8s.io/v1": http.StatusOK,
		"/apis/metrics.k8s.io": http.StatusNotFound, "/apis/metrics.k8s.io/v1": http.StatusNotFound,
		"/apis/metrics.k8s.io/v1beta1/nodes": http.StatusNotFound, "/apis/metrics.k8s.io/v1/namespaces/team-0/pods": http.StatusNotFound,
	}
	config := asAdmin(t, server, "")
	for path, status := range want {
		if got, body, err := cluster.Get(t.Context(), config, path); got != status || err != nil {
			t.Errorf("%s returned %d, want %d (%v): %.300s", path, got, status, err, body)
		}
	}
	for _, node := range home.Fleet.Nodes() {
		if requests := home.Fleet.Traffic(node).Requests; len(requests) > 0 {
			t.Errorf("%s of the home cluster received requests for %v", node, requests)
		}
	}
}
