package cluster

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"k8s.io/client-go/kubernetes"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/plimsoll/plimsoll/test/framework/controlplane"
	"github.com/plimsoll/plimsoll/test/framework/fleet"
	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// Cluster is a cluster that runs, with Plimsoll in it. It owns its processes until Stop.
type Cluster struct {
	*controlplane.ControlPlane
	// Fleet is the simulated kubelets.
	Fleet *fleet.Fleet
	// Client and Metrics are the administrator's.
	Client  kubernetes.Interface
	Metrics metricsclient.Interface
	// Server is Plimsoll; nil without it.
	Server *Server

	options Options
	// binary is the path of Plimsoll's, empty until it is built; building guards it.
	building sync.Mutex
	binary   string
	// kubeconfig is the path of Plimsoll's own.
	kubeconfig string
	// kubeletCA is the path of the authority that signs the fleet's certificates.
	kubeletCA string
	// endFleet ends the fleet, and fleetErr is why it ended once fleetDone is closed.
	endFleet context.CancelFunc
	fleet    sync.WaitGroup
	fleetErr error
}

// Start brings a cluster up and returns when Plimsoll answers through the API server. On an error nothing is left running.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	b := &Cluster{options: o, endFleet: func() {}}
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(err, b.Stop())
	}
	return b, nil
}

func (b *Cluster) start(ctx context.Context) error {
	steps := []func(context.Context) error{b.startControlPlane, b.startFleet, b.admit}
	if !b.options.WithoutServer {
		steps = append(steps, b.startServer, b.register)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (b *Cluster) startControlPlane(ctx context.Context) error {
	binaries, err := parts.Ensure(ctx, b.options.Log, parts.All()...)
	if err != nil {
		return err
	}
	b.ControlPlane, err = controlplane.Start(ctx, controlplane.Options{
		Dir: filepath.Join(b.options.Dir, "controlplane"), Binaries: binaries, Log: b.options.Log,
		ControllerManager: true, Scheduler: true, AutoscalerFast: true,
	})
	if err != nil {
		return err
	}
	if b.Client, err = kubernetes.NewForConfig(b.AdminConfig()); err != nil {
		return fmt.Errorf("make a client of the cluster: %w", err)
	}
	if b.Metrics, err = metricsclient.NewForConfig(b.AdminConfig()); err != nil {
		return fmt.Errorf("make a client of the metrics API: %w", err)
	}
	return nil
}

// Stop ends all that Start started, in the opposite order.
func (b *Cluster) Stop() error {
	var errs []error
	if b.Server != nil {
		errs = append(errs, b.Server.Stop())
	}
	b.endFleet()
	b.fleet.Wait()
	errs = append(errs, b.fleetErr)
	if b.ControlPlane != nil {
		errs = append(errs, b.ControlPlane.Stop())
	}
	return errors.Join(errs...)
}
