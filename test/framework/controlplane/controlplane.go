package controlplane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// ControlPlane is a control plane that runs. It owns its processes until Stop.
type ControlPlane struct {
	options Options
	pki     *pki
	// port is the API server's, etcdPort that of etcd for clients.
	port, etcdPort int
	// processes are in the order of their start, all of them ready.
	processes []started

	admin           *rest.Config
	adminKubeconfig string
}

// Start brings a control plane up and returns when every part of it is ready for use. The context bounds the start
// alone. On an error nothing is left running, and the error holds the end of the log of the program that failed.
func Start(ctx context.Context, o Options) (*ControlPlane, error) {
	o, err := o.complete()
	if err != nil {
		return nil, fmt.Errorf("checking the options of the control plane: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, "kubeconfig"), 0o700); err != nil {
		return nil, fmt.Errorf("making the control plane's folder: %w", err)
	}
	c := &ControlPlane{options: o}
	if c.pki, err = newPKI(filepath.Join(o.Dir, "pki")); err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Stop())
	}
	return c, nil
}

func (c *ControlPlane) start(ctx context.Context) error {
	if err := c.startAPI(ctx); err != nil {
		return err
	}
	for _, optional := range []struct {
		wanted  bool
		program func() (program, error)
	}{
		{c.options.ControllerManager, c.controllerManager},
		{c.options.Scheduler, c.scheduler},
	} {
		if !optional.wanted {
			continue
		}
		p, err := optional.program()
		if err != nil {
			return err
		}
		if _, err := c.run(ctx, p); err != nil {
			return err
		}
	}
	return c.waitUsable(ctx)
}

// startAPI starts etcd and the API server, and makes the administrator's credentials.
func (c *ControlPlane) startAPI(ctx context.Context) error {
	p, err := c.etcd()
	if err != nil {
		return err
	}
	ports, err := c.run(ctx, p)
	if err != nil {
		return err
	}
	c.etcdPort = ports[0]
	if p, err = c.apiServer(c.etcdPort); err != nil {
		return err
	}
	if ports, err = c.run(ctx, p); err != nil {
		return err
	}
	c.port = ports[0]
	if c.admin, err = c.ConfigFor(adminUser, adminGroup); err != nil {
		return err
	}
	c.adminKubeconfig, err = c.KubeconfigFor(adminUser, adminGroup)
	return err
}

// Stop ends the programs of Start and StartKwok, the last first, and returns when all have ended. A program that had
// ended by itself is an error. Further calls do nothing.
func (c *ControlPlane) Stop() error {
	var errs []error
	for _, p := range slices.Backward(c.processes) {
		errs = append(errs, p.Stop(c.options.StopGrace))
	}
	c.processes = nil
	return errors.Join(errs...)
}

// Wait returns nil when ctx ends, and an error with the reason as soon as a program ends by itself. It must not run while
// StartKwok or Stop does.
func (c *ControlPlane) Wait(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan *process.Process, len(c.processes))
	for _, p := range c.Processes() {
		go func() {
			select {
			case <-p.Done():
				ended <- p
			case <-ctx.Done():
			}
		}()
	}
	select {
	case p := <-ended:
		return p.Err()
	case <-ctx.Done():
		return nil
	}
}

// Processes are the programs that run, in the order of their start. The control plane owns them.
func (c *ControlPlane) Processes() []*process.Process {
	all := make([]*process.Process, len(c.processes))
	for i, p := range c.processes {
		all[i] = p.Process
	}
	return all
}

// Kubectl is the path of kubectl; empty where Options.Binaries has none.
func (c *ControlPlane) Kubectl() string { return c.options.Binaries[parts.Kubectl] }
