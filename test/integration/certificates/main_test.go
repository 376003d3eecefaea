// Package certificates tests the serving certificate that Plimsoll makes itself: processes of Plimsoll behind the aggregator of a real API server, with
// the rights that the manifests give and no others.
package certificates

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// env is a cluster without a Plimsoll. Each test starts its own, and begins with the Secret of the manifests and without APIServices.
var env *cluster.Cluster

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 10*time.Minute, start)) }

func start(ctx context.Context, dir string) (stop func() error, err error) {
	if env, err = cluster.Start(ctx, cluster.Options{Dir: dir, Nodes: 1, Block: 30, Log: os.Stderr, WithoutServer: true}); err != nil {
		return nil, err
	}
	return env.Stop, nil
}
