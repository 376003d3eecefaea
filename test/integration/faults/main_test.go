// Package faults has one party at a time attack Plimsoll, a process of its own on a real Kubernetes control plane with 20 nodes, and
// measures what the others notice of that: how old their metrics become, how long an autoscaler waits, what the probes answer.
package faults

import (
	"context"
	"fmt"
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

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the test environment:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "plimsoll-faults-")
	if err != nil {
		return 1, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	env, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: nodes, Log: os.Stderr})
	if err != nil {
		return 1, err
	}
	defer func() {
		if stopped := env.Stop(); err == nil {
			err = stopped
		}
	}()
	if err := env.Populate(ctx, podsPerNode); err != nil {
		return 1, err
	}
	if err := env.WaitServed(ctx, pods); err != nil {
		return 1, err
	}
	return m.Run(), nil
}
