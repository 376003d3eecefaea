package sources

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestEndpointsOfManyKinds has a third of the kubelets report containers in the summary alone, a third in the other endpoint
// alone, and a third in both. One source serves all of them.
func TestEndpointsOfManyKinds(t *testing.T) {
	all := home.Fleet.Nodes()
	third := len(all) / 3
	summaryOnly, resourceOnly := all[:third], all[third:2*third]
	for i, node := range summaryOnly {
		// The endpoint is not there, or is, and has nothing.
		misbehave(t, node, []fleet.Fault{fleet.Status(http.StatusNotFound).On(fleet.PathResource), fleet.NoContainers()}[i%2])
	}
	for _, node := range resourceOnly {
		misbehave(t, node, fleet.Status(http.StatusNotFound).On(fleet.PathSummary))
	}
	server := start(t, append(ofHome(), "--source=kubernetes")...)
	root := asAdmin(t, server, "")
	client := clientOf(t, root)
	poll.Eventually(t, servedWithin, func(ctx context.Context) error { return allServed(ctx, client, home.Fleet) })
	want := fmt.Sprintf("plimsoll_nodes_through_summary{cluster=\"\"} %d\n", third)
	poll.Eventually(t, time.Minute, func(ctx context.Context) error { return measured(ctx, root, want) })
	ways := map[string]way{}
	for _, node := range all {
		ways[node] = way{fleet.PathResource, false}
	}
	for _, node := range summaryOnly {
		ways[node] = way{fleet.PathSummary, false}
	}
	scrapedOnly(t, ways)
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		if err := fresh(ctx, client, len(all), resolution+slack); err != nil {
			return err
		}
		return allServed(ctx, client, home.Fleet)
	})
}

// misbehave gives a node of the home cluster a fault for as long as the test lasts.
func misbehave(t *testing.T, node string, fault fleet.Fault) {
	if err := home.Fleet.SetFault(node, fault); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := home.Fleet.ClearFault(node); err != nil {
			t.Error(err)
		}
	})
}

// measured wants a line in the server's own metrics.
func measured(ctx context.Context, root *rest.Config, line string) error {
	status, body, err := cluster.Get(ctx, root, "/metrics")
	if err != nil || status != http.StatusOK {
		return fmt.Errorf("request metrics: %d, %w", status, err)
	}
	if !strings.Contains(body, line) {
		return fmt.Errorf("/metrics has no %q", line)
	}
	return nil
}
