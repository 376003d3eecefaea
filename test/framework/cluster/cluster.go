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

// Start brings a cluster up and returns when Plimsoll responds through the API server. On an error nothing is left running.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	c := &Cluster{options: o, endFleet: func() {}}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) error {
	steps := []func(context.Context) error{c.startControlPlane, c.startFleet, c.admit}
	if !c.options.WithoutServer {
		steps = append(steps, c.startServer, c.register)
	}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *Cluster) startControlPlane(ctx context.Context) error {
	binaries, err := parts.Ensure(ctx, c.options.Log, parts.All()...)
	if err != nil {
		return err
	}
	c.ControlPlane, err = controlplane.Start(ctx, controlplane.Options{
		Dir: filepath.Join(c.options.Dir, "controlplane"), Binaries: binaries, Log: c.options.Log,
		ControllerManager: true, Scheduler: true, AutoscalerFast: true, ExtraAPIServerArgs: c.options.APIServerArgs,
	})
	if err != nil {
		return err
	}
	if c.Client, err = kubernetes.NewForConfig(c.AdminConfig()); err != nil {
		return fmt.Errorf("make a client of the cluster: %w", err)
	}
	if c.Metrics, err = metricsclient.NewForConfig(c.AdminConfig()); err != nil {
		return fmt.Errorf("make a client of the metrics API: %w", err)
	}
	return nil
}

// Stop ends all that Start started, in the opposite order.
func (c *Cluster) Stop() error {
	var errs []error
	if c.Server != nil {
		errs = append(errs, c.Server.Stop())
	}
	c.endFleet()
	c.fleet.Wait()
	errs = append(errs, c.fleetErr)
	if c.ControlPlane != nil {
		errs = append(errs, c.ControlPlane.Stop())
	}
	return errors.Join(errs...)
}
