package cluster

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

// Server is a Plimsoll that runs.
type Server struct {
	*process.Process
	// Address, of loopback, and Port are where it serves HTTPS.
	Address string
	Port    int
	cluster *Cluster
}

// Stop ends the server in good order.
func (s *Server) Stop() error { return s.Process.Stop(stopGrace) }

// Again starts a server that has ended once more, with the same flags and at the same port. It returns as soon as the process runs, ready or not.
func (s *Server) Again() error {
	p, err := s.Process.Again()
	if err != nil {
		return err
	}
	s.Process = p
	return nil
}

// ConfigFor is a client configuration for the server itself, without the aggregator, as a user in groups.
func (s *Server) ConfigFor(user string, groups ...string) (*rest.Config, error) {
	c, err := s.cluster.ControlPlane.ConfigFor(user, groups...)
	if err != nil {
		return nil, err
	}
	c.Host = "https://" + net.JoinHostPort(s.Address, strconv.Itoa(s.Port))
	c.TLSClientConfig.ServerName = serviceHost
	return c, nil
}

// startServer runs the Plimsoll that is the cluster's own.
func (c *Cluster) startServer(ctx context.Context) (err error) {
	c.Server, err = c.StartServer(ctx, c.options.Args...)
	return err
}

// Serve starts the Plimsoll of a cluster that was started without one, with all flags about its sources, and registers it with the API server.
func (c *Cluster) Serve(ctx context.Context, args ...string) (err error) {
	if c.Server, err = c.StartBareServer(ctx, args...); err != nil {
		return err
	}
	return c.register(ctx)
}

// StartServer runs one more Plimsoll that scrapes the cluster's kubelets, with further flags, and returns when it is ready. It is not
// registered with the API server, and the caller stops it.
func (c *Cluster) StartServer(ctx context.Context, args ...string) (*Server, error) {
	return c.StartBareServer(ctx, append(c.SourceArgs(), args...)...)
}

// StartBareServer is StartServer for a Plimsoll whose sources are in args alone. The cluster adds the flags by
// which it serves, and by which the cluster's API server authenticates and authorizes its clients.
func (c *Cluster) StartBareServer(ctx context.Context, args ...string) (*Server, error) {
	return c.launch(ctx, nil, args)
}

// StartLiveServer is StartServer for a Plimsoll that need not become ready: it returns when the process is live.
func (c *Cluster) StartLiveServer(ctx context.Context, args ...string) (*Server, error) {
	return c.launchUntil(ctx, "/livez?verbose", nil, append(c.SourceArgs(), args...))
}

// StartServerThrough is StartServer for a Plimsoll that another command becomes: its last words are Plimsoll's own command.
func (c *Cluster) StartServerThrough(ctx context.Context, through []string, args ...string) (*Server, error) {
	return c.launch(ctx, through, append(c.SourceArgs(), args...))
}

// launch runs Plimsoll, by a command that executes it where there is one, until it is ready.
func (c *Cluster) launch(ctx context.Context, through, args []string) (*Server, error) {
	return c.launchUntil(ctx, "/readyz?verbose", through, args)
}

// launchUntil is launch until a path is served.
func (c *Cluster) launchUntil(ctx context.Context, path string, through, args []string) (*Server, error) {
	binary, err := c.build(ctx)
	if err != nil {
		return nil, err
	}
	own, err := c.servingArgs(c.kubeconfig)
	if err != nil {
		return nil, err
	}
	command := append(slices.Clone(through), binary)
	p, port, err := c.listen(ctx, listening{
		name: "plimsoll", binary: command[0],
		args: func(port int) []string {
			return slices.Concat(command[1:], own, []string{localKubelets}, args, []string{fmt.Sprintf("--secure-port=%d", port)})
		},
		waitReady: func(ctx context.Context, p *process.Process, port int) error {
			return c.waitResponse(ctx, p, port, path)
		},
	})
	if err != nil {
		return nil, err
	}
	return &Server{Process: p, Address: loopback, Port: port, cluster: c}, nil
}

// waitResponse waits for a path: for /readyz, which means that there is first usage where there are nodes, or for /livez.
func (c *Cluster) waitResponse(ctx context.Context, p *process.Process, port int, path string) error {
	config, err := (&Server{Address: loopback, Port: port, cluster: c}).ConfigFor("system:anonymous")
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("make a client of plimsoll: %w", err)
	}
	defer client.CloseIdleConnections()
	return p.WaitReady(ctx, func(ctx context.Context) error { return get(ctx, client, config.Host+path) })
}

func get(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("make a request: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s returned %s", url, response.Status)
	}
	return nil
}
