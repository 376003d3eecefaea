// Package sinks tests what Plimsoll writes to real engines, from a fleet of simulated kubelets on a real control plane.
package sinks

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

const (
	nodes, podsPerNode = 20, 30
	pods               = nodes * podsPerNode
	containersPerPod   = 2
	// resolution is that which the cluster gives.
	resolution = 5 * time.Second
	// tolerance is how far a value may be off: 2 percent.
	tolerance = 0.02
)

// What each container requests, and its limits: millicores and bytes.
const (
	requestCPU, limitCPU       = 10, 400
	requestMemory, limitMemory = 16 << 20, 512 << 20
)

// env is the cluster that all tests share. Each test leaves it as it found it.
var env *cluster.Cluster

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 10*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	env, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: nodes, Log: os.Stderr, Resources: corev1.ResourceRequirements{
		Requests: amounts(requestCPU, requestMemory), Limits: amounts(limitCPU, limitMemory),
	}})
	if err != nil {
		return nil, err
	}
	if err := env.Populate(ctx, podsPerNode); err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return env.Stop, nil
}

func amounts(millicores, bytes int64) corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU: *resource.NewMilliQuantity(millicores, resource.DecimalSI), corev1.ResourceMemory: *resource.NewQuantity(bytes, resource.BinarySI),
	}
}

// serverWith starts one more Plimsoll, with some sinks, for the time of a test.
func serverWith(t *testing.T, through []string, sinks ...string) *cluster.Server {
	t.Helper()
	args := make([]string, len(sinks))
	for i, s := range sinks {
		args[i] = "--sink=" + s
	}
	server, err := env.StartServerThrough(t.Context(), through, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server
}
