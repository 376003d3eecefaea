// Package world has the world around Plimsoll fail: its API server, etcd, every kubelet, clocks, its own process, its memory and its descriptors. Plimsoll
// is a process of its own on a real Kubernetes control plane with simulated kubelets. Each test has what was served before, during and after the
// fault as figures. With FULL=1 in the environment the cluster is larger and what is away is away for longer.
package world

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// scale is how large the cluster is, and how long a fault goes on.
type scale struct {
	nodes, podsPerNode int
	// resolution is the time between two scrapes, away how long a part of the world is away.
	resolution, away time.Duration
}

// size is the scale of this run.
var size = scaleOf(os.Getenv("FULL"))

func scaleOf(full string) scale {
	if full == "1" {
		return scale{nodes: 100, podsPerNode: 10, resolution: 15 * time.Second, away: time.Minute}
	}
	return scale{nodes: 20, podsPerNode: 10, resolution: 5 * time.Second, away: 20 * time.Second}
}

// maxAge is Plimsoll's default.
func (s scale) maxAge() time.Duration { return 4 * s.resolution }

func (s scale) resolutionFlag() string { return "--metric-resolution=" + s.resolution.String() }

// spares is how many further nodes there are, for faults of single kubelets while other tests run.
const spares = 5

// spare is the name of a spare node, counted from 0. Each belongs to one test.
func spare(i int) string { return env.Fleet.Nodes()[size.nodes+i] }

// nodes are the names of all nodes but the spare ones.
func nodes() []string { return env.Fleet.Nodes()[:size.nodes] }

// population are the names of the pods that these nodes were filled with, with the namespace.
func population() (names []string) {
	for i := range size.nodes {
		for j := range size.podsPerNode {
			names = append(names, podOn(i, j))
		}
	}
	return names
}

// podOn is the name of a pod of the population, with the namespace, by the numbers of its node and of the pod there.
func podOn(node, pod int) string {
	return fmt.Sprintf("team-%d/%s-%03d", (node+pod)%10, env.Fleet.Nodes()[node], pod)
}

// env is the cluster that all tests share. Each test leaves it as it was. Those that run in parallel have a Plimsoll of their own.
var env *cluster.Cluster

func TestMain(m *testing.M) {
	flag.Parse()
	// The parallel tests wait most of the time.
	if err := flag.Set("test.parallel", "8"); err != nil {
		fmt.Fprintln(os.Stderr, "let more tests run in parallel:", err)
		os.Exit(1)
	}
	os.Exit(cluster.RunTests(m, 20*time.Minute, start))
}

func start(ctx context.Context, dir string) (stop func() error, err error) {
	env, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: size.nodes + spares, Log: os.Stderr, Args: []string{size.resolutionFlag()}})
	if err != nil {
		return nil, err
	}
	if err := fill(ctx); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return env.Stop, nil
}

func fill(ctx context.Context) error {
	if err := env.Populate(ctx, size.podsPerNode); err != nil {
		return err
	}
	if _, err := env.Run(ctx, readerRights, "apply", "-f", "-"); err != nil {
		return err
	}
	return env.WaitServed(ctx, (size.nodes+spares)*size.podsPerNode)
}
