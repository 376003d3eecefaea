// Package soak lets Plimsoll, a process of its own on a real Kubernetes control plane, scrape kubelets with random faults while pods and their loads
// change and clients of every kind read. Each value that a client reads is compared with what the kubelets had, and what the process
// holds must not go on to grow.
//
// The environment sets the size: see config. Everything random is drawn from a seed, which is printed.
package soak

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// history is for how long the kubelets' readings are kept: for longer than any may be served, which is the maximum age, a minute for readings that stand
// still, and the window before them.
const history = 5 * time.Minute

var (
	// size is what the environment asks for.
	size config
	// env is the cluster.
	env *cluster.Cluster
)

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 30*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	if size, err = configFrom(os.Getenv); err != nil {
		return nil, err
	}
	fmt.Fprintln(os.Stderr, size)
	env, err = cluster.Start(ctx, cluster.Options{
		Dir: dir, Nodes: size.nodes, History: history, Log: os.Stderr, Args: []string{"--metric-resolution=" + size.resolution.String()},
	})
	if err != nil {
		return nil, err
	}
	if err := fill(ctx); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return env.Stop, nil
}

// fill runs the pods. Half of the kubelets read their metrics as cAdvisor does, every 10 to 20 seconds.
func fill(ctx context.Context) error {
	for i, node := range env.Fleet.Nodes() {
		if i%2 == 0 {
			continue
		}
		if err := env.Fleet.SetReadings(node, fleet.Housekeeping); err != nil {
			return err
		}
	}
	if err := env.Populate(ctx, size.pods); err != nil {
		return err
	}
	return env.WaitServed(ctx, size.nodes*size.pods)
}
