package cluster

import (
	"context"
	"fmt"
	"slices"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

// Program is a server of the metrics API that has the flags of metrics-server.
type Program struct {
	// Name is the program's in messages, Binary its path.
	Name, Binary string
	// Kubeconfig is the path of one that holds its identity.
	Kubeconfig string
	// Args are the flags that the program needs on a cluster and metrics-server does not have.
	Args []string
}

// Plimsoll builds Plimsoll and returns it with the identity of the manifests.
func (c *Cluster) Plimsoll(ctx context.Context) (Program, error) {
	binary, err := c.build(ctx)
	return c.PlimsollAt(binary, "plimsoll"), err
}

// PlimsollAt is a Plimsoll that was built before, with the identity of Plimsoll. The name is for messages.
func (c *Cluster) PlimsollAt(binary, name string) Program {
	return Program{Name: name, Binary: binary, Kubeconfig: c.kubeconfig, Args: []string{localKubelets}}
}

// Launch starts a program with the flags by which the cluster's own server reads the kubelets and serves, and further ones that win.
// It returns as soon as the process runs, ready or not. The caller stops it.
func (c *Cluster) Launch(p Program, args ...string) (*Server, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	return c.LaunchAt(p, loopback, port, args...)
}

// LaunchAt is Launch at an address of loopback and a port that the caller chooses: a pod has an address of its own, and the port of its manifest.
func (c *Cluster) LaunchAt(p Program, address string, port int, args ...string) (*Server, error) {
	own, err := c.servingArgs(p.Kubeconfig)
	if err != nil {
		return nil, err
	}
	started, err := process.Start(process.Options{
		Name: fmt.Sprintf("%s-%s-%d", p.Name, address, port), Dir: c.options.Dir, Binary: p.Binary,
		Args: slices.Concat(own, c.sourceArgsFor(p.Kubeconfig), p.Args, args,
			[]string{"--bind-address=" + address, fmt.Sprintf("--secure-port=%d", port)}),
	})
	if err != nil {
		return nil, err
	}
	return &Server{Process: started, Address: address, Port: port, cluster: c}, nil
}
