// Package faults has kubelets and clients attack Plimsoll, a process of its own on a real Kubernetes control plane, and measures the effect on the
// other parties: the age of their usage, the latency of an autoscaler, the results of the probes, the memory and the CPU time of the process.
//
// The short form has 20 nodes and a resolution of 5 s, and several kubelets attack at once, each in its own way. With FULL=1 in the environment there
// are 100 nodes and a resolution of 15 s, and one kubelet at a time attacks, then as many as there are cores, each in its own way. CONTINUE=1 leaves out the
// attacks whose rows are in the folder of the report already, and MINUTES is after how many of them no attack begins: the full form may be measured in pieces.
package faults

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/observe"
)

// isFull is true for the full form.
var isFull = os.Getenv("FULL") == "1"

// nodes is how many there are, each with podsPerNode pods, resolution is that of Plimsoll, and lasts is how long an attack goes on. In the full form Plimsoll scrapes
// the attacking kubelet within the first resolution, and all others once more after that within the second.
var nodes, resolution, lasts = size()

const podsPerNode = 10

func size() (nodes int, resolution, lasts time.Duration) {
	if isFull {
		return 100, 15 * time.Second, 32 * time.Second
	}
	return 20, 5 * time.Second, 15 * time.Second
}

// env is the test environment that all tests share. Each test leaves it as it was.
var env *cluster.Cluster

// calm is what was observed before the first attack, and beforeCalm are Plimsoll's own metrics before that.
var (
	calm       *observe.Observation
	beforeCalm observe.Series
)

// only has which attacks are made.
var only plan

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 15*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	if only, err = planned(); err != nil {
		return nil, err
	}
	env, err = cluster.Start(ctx, cluster.Options{
		Dir: dir, Nodes: nodes, Log: os.Stderr, Args: []string{"--metric-resolution=" + resolution.String()},
	})
	if err != nil {
		return nil, err
	}
	err = env.Populate(ctx, podsPerNode)
	if err == nil {
		err = env.WaitServed(ctx, nodes*podsPerNode)
	}
	if err == nil {
		beforeCalm, calm, err = observeCalm(ctx)
	}
	if err == nil {
		err = keepCalm()
	}
	if err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return func() error { return errors.Join(attackers.checkRecovered(context.Background()), env.Stop()) }, nil
}

// observeCalm observes for as long as an attack takes, without one.
func observeCalm(ctx context.Context) (before observe.Series, calm *observe.Observation, err error) {
	if err := settled(ctx); err != nil {
		return nil, nil, err
	}
	if before, err = observe.OwnMetrics(ctx, env.Server); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lasts)
	defer cancel()
	return before, observe.Run(ctx, env.Server, observe.Usual(env)...), nil
}
