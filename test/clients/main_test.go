// Package clients has the programs that people and clusters read metrics.k8s.io with read it from Plimsoll, and compares what they show, log or do with
// the fleet's true usage: two versions of kubectl, k9s, the Vertical Pod Autoscaler, the descheduler and the JavaScript client. The Horizontal Pod
// Autoscaler is in test/integration.
package clients

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const (
	nodes, podsPerNode = 6, 10
	// servedWithin is how long usage may take to be served after it changed: the resolution, the length of the window, and the start of a rate.
	servedWithin = time.Minute
)

// env is the cluster that all tests share. Each test leaves it as it found it.
var env *cluster.Cluster

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 20*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	env, err = cluster.Start(ctx, cluster.Options{
		Dir: dir, Nodes: nodes, Swap: true, Annotations: map[string]string{fleet.AnnotationSwap: "8Mi"}, Args: []string{"--extra-resources=swap"}, Log: os.Stderr,
	})
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return env.Populate(ctx, podsPerNode) },
		func() error { return env.WaitServed(ctx, nodes*podsPerNode) },
		func() error { return poll.Within(ctx, servedWithin, servedNodes) },
	} {
		if err := step(); err != nil {
			return nil, errors.Join(err, env.Stop())
		}
	}
	return env.Stop, nil
}

// part returns the path of a client. Where the client cannot be built here the test does not run, and says so.
func part(t *testing.T, p parts.Part) string {
	t.Helper()
	binaries, err := parts.Ensure(t.Context(), os.Stderr, p)
	if err != nil {
		t.Skipf("NOT RUN: %s is missing: %v", p, err)
	}
	return binaries[p]
}

// apply creates objects for the time of a test.
func apply(t *testing.T, manifest string) {
	t.Helper()
	applyFrom(t, "-", manifest)
}

func applyFrom(t *testing.T, path, stdin string) {
	t.Helper()
	if _, err := env.Run(t.Context(), stdin, "apply", "--server-side", "-f", path); err != nil {
		t.Fatal(err)
	}
	atEnd(t, stdin, "delete", "--ignore-not-found", "--timeout=60s", "-f", path)
}

// atEnd runs kubectl after a test, whose own context has ended by then.
func atEnd(t *testing.T, stdin string, args ...string) {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 90*time.Second)
		defer cancel()
		if _, err := env.Run(ctx, stdin, args...); err != nil {
			t.Error(err)
		}
	})
}
