// Package sources tests Plimsoll with several sources and several clusters: as a process of its own, on real control planes with
// simulated kubelets.
package sources

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

const (
	// resolution is that of everyFlag, maxAge is Plimsoll's default.
	resolution = 5 * time.Second
	maxAge     = 4 * resolution
	// slack is how much older metrics may be than one scrape: kubelets take a while, and the API has whole seconds.
	slack = 3 * time.Second
	// servedWithin is how long a server may take until all of a cluster is served.
	servedWithin = 90 * time.Second
)

// home and west are two clusters whose nodes and pods have the same names, and loads of their own. Home's kubelets have the usual
// ports; west's have HTTPS elsewhere. Neither has a Plimsoll: each test starts its own, and has the kubelets to itself.
var home, west *cluster.Cluster

func TestMain(m *testing.M) { os.Exit(cluster.RunTests(m, 10*time.Minute, startBoth)) }

func startBoth(ctx context.Context, dir string) (func() error, error) {
	both := func() error { return errors.Join(stop(home), stop(west)) }
	var g errgroup.Group
	g.Go(func() (err error) {
		home, err = startCluster(ctx, dir, cluster.Options{Name: "home", Nodes: 9, Block: 20, KubeletPort: 10250, Annotations: uses("20m", "32Mi")})
		return err
	})
	g.Go(func() (err error) {
		west, err = startCluster(ctx, dir, cluster.Options{Name: "west", Nodes: 6, Block: 21, BaseCPU: 0.3, Annotations: uses("50m", "96Mi")})
		return err
	})
	if err := g.Wait(); err != nil {
		return nil, errors.Join(err, both())
	}
	return both, nil
}

// uses returns the annotations of pods whose containers each have that usage.
func uses(cpu, memory string) map[string]string {
	return map[string]string{fleet.AnnotationCPU: cpu, fleet.AnnotationMemory: memory}
}

// startCluster starts a cluster with a pod on each node. Its kubelets authenticate clients, and have a read-only port.
func startCluster(ctx context.Context, dir string, o cluster.Options) (*cluster.Cluster, error) {
	o.Dir, o.Log = filepath.Join(dir, o.Name), os.Stderr
	o.Authenticate, o.ReadOnly, o.ReadOnlyPort, o.WithoutServer = true, true, 10255, true
	if err := os.Mkdir(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	b, err := cluster.Start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", o.Name, err)
	}
	if err := b.Populate(ctx, 1); err != nil {
		return nil, errors.Join(fmt.Errorf("populate %s: %w", o.Name, err), b.Stop())
	}
	return b, nil
}

func stop(b *cluster.Cluster) error {
	if b == nil {
		return nil
	}
	return b.Stop()
}
