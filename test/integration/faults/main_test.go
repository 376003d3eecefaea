// Package faults has one party at a time attack Plimsoll, a process of its own on a real Kubernetes control plane with 20 nodes, and
// measures the effect on the other parties: the age of their metrics, the latency of an autoscaler, the results of the probes.
package faults

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

const (
	nodes, podsPerNode = 20, 10
	pods               = nodes * podsPerNode
	// resolution is the one that the cluster gives to Plimsoll.
	resolution = 5 * time.Second
)

// env is the test environment that all tests share. Each test leaves it as it was.
var env *cluster.Cluster

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 10*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	env, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: nodes, Log: os.Stderr})
	if err != nil {
		return nil, err
	}
	err = env.Populate(ctx, podsPerNode)
	if err == nil {
		err = env.WaitServed(ctx, pods)
	}
	if err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return env.Stop, nil
}
