// Package watch tests watches with the library's informers: against two Plimsolls as processes of their own, on a real control plane with
// simulated kubelets.
package watch

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

const (
	nodes, podsPerNode = 6, 5
	resolution         = 5 * time.Second
	maxAge             = 4 * resolution
)

// env is the cluster. Its own Plimsoll is one of the replicas.
var env *cluster.Cluster

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 40*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	if env, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: nodes, Log: os.Stderr}); err != nil {
		return nil, err
	}
	if err := env.Populate(ctx, podsPerNode); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return env.Stop, nil
}
