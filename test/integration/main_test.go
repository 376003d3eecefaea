// Package integration tests Plimsoll as a process of its own on a real Kubernetes control plane: kube-apiserver,
// kube-controller-manager with its autoscaler, kube-scheduler and kubectl, with simulated kubelets.
package integration

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

const (
	nodes, podsPerNode = 100, 30
	pods               = nodes * podsPerNode
	// resolution and maxAge are those that the cluster and Plimsoll's default give.
	resolution = 5 * time.Second
	maxAge     = 4 * resolution
)

// world is the cluster that all tests share. Each test leaves it as it found it.
var world *cluster.Cluster

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "the cluster:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "plimsoll-integration-")
	if err != nil {
		return 1, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	world, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: nodes, Log: os.Stderr})
	if err != nil {
		return 1, err
	}
	defer func() {
		if stopped := world.Stop(); err == nil {
			err = stopped
		}
	}()
	// Half of the kubelets read their numbers as cAdvisor does, every 10 to 20 seconds.
	for _, node := range world.Fleet.Nodes()[:nodes/2] {
		if err := world.Fleet.SetReadings(node, fleet.Housekeeping); err != nil {
			return 1, err
		}
	}
	begin := time.Now()
	if err := world.Populate(ctx, podsPerNode); err != nil {
		return 1, err
	}
	fmt.Fprintf(os.Stderr, "%d pods run after %s\n", pods, time.Since(begin).Round(time.Second))
	return m.Run(), nil
}
