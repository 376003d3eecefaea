package source

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestTwoClustersBehindThanos has one server serve two clusters, whose nodes and pods have the same names, out of one Thanos over a Prometheus of each. No number
// of one is served for the other, and no kubelet is asked.
func TestTwoClustersBehindThanos(t *testing.T) {
	need(t)
	west := startWest(t)
	remote := engines.Started(t, engines.Prometheus{
		Name: "west", Dir: t.TempDir(), Scrapes: []engines.Scrape{scrapeOf(west)}, ExternalLabels: map[string]string{"cluster": "west"},
	}.Start)
	thanos := engines.Started(t, func(ctx context.Context) (*engines.Thanos, error) {
		return engines.StartThanos(ctx, t.TempDir(), []*engines.Engine{prometheus, remote})
	})
	server := serverWith(t, env, reading(env,
		`--source=prometheus:`+thanos.URL+`?match=cluster="home"`,
		`--source=prometheus:`+thanos.URL+`?match=cluster="west"&cluster=west&auth=`+west.Kubeconfig())...)
	for below, of := range map[string]*cluster.Cluster{"": env, "/clusters/west": west} {
		t.Run("usage below "+below, func(t *testing.T) {
			client := clientOf(t, server, below)
			seen := becomeRight(t, client, of.Fleet)
			poll.Throughout(t, 3*resolution, func(ctx context.Context) error {
				_, err := allRight(ctx, client, of.Fleet)
				return err
			})
			t.Log(seen)
		})
	}
}

// startWest starts a cluster with the names of env in which each container uses what none of env's does.
func startWest(t *testing.T) *cluster.Cluster {
	t.Helper()
	nodes, perNode := 5, 4
	west, err := cluster.Start(t.Context(), cluster.Options{
		Name: "west", Dir: t.TempDir(), Nodes: nodes, Block: 21, Log: os.Stderr, WithoutServer: true,
		Annotations: map[string]string{fleet.AnnotationCPU: "0.777", fleet.AnnotationMemory: "777Mi"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := west.Stop(); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	if err := west.Populate(t.Context(), perNode); err != nil {
		t.Fatal(err)
	}
	return west
}
