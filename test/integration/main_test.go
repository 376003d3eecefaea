// Package integration tests Plimsoll as a process of its own on a real Kubernetes control plane: kube-apiserver,
// kube-controller-manager with its autoscaler, kube-scheduler and kubectl, with simulated kubelets.
package integration

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

const (
	nodes, podsPerNode = 100, 30
	pods               = nodes * podsPerNode
	// resolution and maxAge are those that the cluster and Plimsoll's default give.
	resolution = 5 * time.Second
	maxAge     = 4 * resolution
)

// env is the cluster that all tests share. Each test leaves it as it found it.
var env *cluster.Cluster

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 20*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	env, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: nodes, Log: os.Stderr})
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
	for _, node := range env.Fleet.Nodes()[:nodes/2] {
		if err := env.Fleet.SetReadings(node, fleet.Housekeeping); err != nil {
			return err
		}
	}
	begin := time.Now()
	if err := env.Populate(ctx, podsPerNode); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d pods run after %s\n", pods, time.Since(begin).Round(time.Second))
	return nil
}
