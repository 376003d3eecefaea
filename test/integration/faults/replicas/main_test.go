// Package replicas tests two replicas of Plimsoll as the component high-availability of the manifests installs them: the Deployment, the disruption
// budget and the Service are rendered from the manifests, the cluster's own controllers and scheduler act on them, and the API server sends the
// requests of clients to both replicas. Only the kubelets that run the pods are simulated: each pod is a process with the arguments of its container.
package replicas

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

const (
	nodes, podsPerNode = 20, 5
	// resolution is that of the manifests.
	resolution = 15 * time.Second
)

// env is a cluster whose API server routes to the endpoints of Services itself, and pods are the replicas on it.
var (
	env  *cluster.Cluster
	pods *kubelet
)

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 5*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	env, err = cluster.Start(ctx, cluster.Options{
		Dir: dir, Nodes: nodes, Block: 40, Log: os.Stderr, WithoutServer: true,
		APIServerArgs: []string{"--enable-aggregator-routing=true"},
	})
	if err != nil {
		return nil, err
	}
	end, err := install(ctx)
	if err != nil {
		return nil, errors.Join(err, env.Stop())
	}
	return func() error { return errors.Join(end(), env.Stop()) }, nil
}
