// Package source tests a Plimsoll that serves usage out of real engines, on a real control plane with simulated kubelets.
package source

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/engines"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// tolerance is how far a CPU rate may be off: 2 percent.
const tolerance = 0.02

// size is how many nodes there are, pods on each of them, and the resolution of all scrapes and queries, which the full form has as it is by default.
func size() (nodes, perNode int, resolution time.Duration) {
	if os.Getenv("FULL") == "1" {
		return 100, 30, 15 * time.Second
	}
	return 20, 10, 5 * time.Second
}

var (
	_, _, resolution = size()
	// maxAge is what Plimsoll makes of the resolution by default.
	maxAge = 4 * resolution
	// servedWithin is how long a server may take until all usage is there.
	servedWithin = 12 * resolution

	// env is the cluster that all tests share, whose own Plimsoll reads prometheus, an engine that scrapes the kubelets. Each test leaves them as it found
	// them. Where prometheus is nil its program is missing, which is the reason in missing.
	env        *cluster.Cluster
	prometheus *engines.Engine
	missing    error
)

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 10*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	nodes, perNode, _ := size()
	env, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: nodes, Log: os.Stderr, WithoutServer: true})
	if err != nil {
		return nil, err
	}
	stop = func() error {
		errs := []error{env.Stop()}
		if prometheus != nil {
			errs = append(errs, prometheus.Stop())
		}
		return errors.Join(errs...)
	}
	if err := fill(ctx, dir, perNode); err != nil {
		return nil, errors.Join(err, stop())
	}
	return stop, nil
}

func fill(ctx context.Context, dir string, perNode int) error {
	if err := env.Populate(ctx, perNode); err != nil {
		return err
	}
	scrape := scrapeOf(env)
	// What the test of a pod without some of its series needs.
	scrape.DropLabels, scrape.Drop = []string{"__name__", "pod", "container"}, "container_cpu_usage_seconds_total;half;proxy"
	var err error
	prometheus, err = engines.Prometheus{Dir: dir, Scrapes: []engines.Scrape{scrape}, ExternalLabels: map[string]string{"cluster": "home"}}.Start(ctx)
	if errors.Is(err, engines.ErrMissing) {
		missing = err
		return nil
	}
	if err != nil {
		return err
	}
	return env.Serve(ctx, reading(env, "--source=prometheus:"+prometheus.URL)...)
}

// need does not run a test where there is no engine.
func need(t *testing.T) {
	t.Helper()
	if missing != nil {
		t.Skipf("NOT RUN: %v", missing)
	}
}

// scrapeOf has Prometheus scrape the kubelets of a cluster.
func scrapeOf(c *cluster.Cluster) engines.Scrape {
	s := engines.Scrape{Job: "kubelet", Path: fleet.PathResource, Interval: resolution.String(), CA: c.KubeletCA(), Targets: map[string]string{}}
	for i, node := range c.Fleet.Nodes() {
		s.Targets[net.JoinHostPort(c.Fleet.Address(i).String(), strconv.Itoa(c.Fleet.Port()))] = node
	}
	return s
}

// reading are the flags of a server with sources that are not the kubelets of its cluster.
func reading(c *cluster.Cluster, sources ...string) []string {
	return slices.Concat([]string{"--kubeconfig=" + c.Kubeconfig(), "--metric-resolution=" + resolution.String()}, sources)
}

// serverWith starts one more Plimsoll in a cluster for the time of a test.
func serverWith(t *testing.T, c *cluster.Cluster, args ...string) *cluster.Server {
	t.Helper()
	server, err := c.StartBareServer(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := server.Stop()
		if text, readErr := os.ReadFile(server.Log()); err != nil || t.Failed() && readErr == nil {
			t.Logf("the log of the server (%v):\n%s", err, text)
		}
	})
	return server
}
