// Package doctor plants faults into a real control plane with simulated kubelets, and has the real command doctor find each of them.
package doctor

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// nodes is how many kubelets there are. The faults of nodes are in them from the last one on.
const nodes = 5

// env is the cluster that all tests share. Each test leaves it as it found it.
var env *cluster.Cluster

// binary is the path of the program.
var binary string

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 10*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	if env, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: nodes, Block: 31, Log: os.Stderr}); err != nil {
		return nil, err
	}
	program, err := env.Plimsoll(ctx)
	binary = program.Binary
	if err = errors.Join(err, env.Populate(ctx, 1)); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return env.Stop, nil
}
