package bed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/hack/process"
)

const (
	// namespace, service and account are those of manifests/base.
	namespace = "plimsoll-system"
	service   = "plimsoll"
	account   = "system:serviceaccount:plimsoll-system:plimsoll"
	// serviceHost is the name that the aggregator wants in the server's certificate.
	serviceHost = service + "." + namespace + ".svc"

	serverProgram = "github.com/plimsoll/plimsoll/cmd/plimsoll"
	loopback      = "127.0.0.1"
	stopGrace     = 20 * time.Second
)

// Server is a Plimsoll that runs.
type Server struct {
	*process.Process
	// Port is where it serves HTTPS on loopback.
	Port int
	bed  *Bed
}

// Stop ends the server in good order.
func (s *Server) Stop() error { return s.Process.Stop(stopGrace) }

// ConfigFor is a client configuration that goes straight to the server, past the aggregator, as a user in groups.
func (s *Server) ConfigFor(user string, groups ...string) (*rest.Config, error) {
	c, err := s.bed.ControlPlane.ConfigFor(user, groups...)
	if err != nil {
		return nil, err
	}
	c.Host = "https://" + net.JoinHostPort(loopback, strconv.Itoa(s.Port))
	c.TLSClientConfig.ServerName = serviceHost
	return c, nil
}

// startServer builds Plimsoll and runs it with the identity and the rights that the manifests give it.
func (b *Bed) startServer(ctx context.Context) error {
	if err := b.applyRights(ctx); err != nil {
		return err
	}
	b.binary = filepath.Join(b.options.Dir, "plimsoll")
	fmt.Fprintln(b.options.Log, "building plimsoll")
	// The version is stamped as in an image: libraries take it for their own.
	stamp := "-X k8s.io/component-base/version.gitVersion=v0.0.0-bed"
	if out, err := exec.CommandContext(ctx, "go", "build", "-ldflags", stamp, "-o", b.binary, serverProgram).CombinedOutput(); err != nil {
		return fmt.Errorf("build plimsoll: %w\n%s", err, out)
	}
	var err error
	b.Server, err = b.StartServer(ctx, b.options.Args...)
	return err
}

// StartServer runs one more Plimsoll, with further flags, and returns when it is ready. It is not registered with the API
// server, and the caller stops it.
func (b *Bed) StartServer(ctx context.Context, args ...string) (*Server, error) {
	own, err := b.serverArgs()
	if err != nil {
		return nil, err
	}
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	p, err := process.Start(process.Options{
		Name: fmt.Sprintf("plimsoll-%d", port), Dir: b.options.Dir, Binary: b.binary,
		Args: append(append(own, args...), fmt.Sprintf("--secure-port=%d", port)),
	})
	if err != nil {
		return nil, err
	}
	s := &Server{Process: p, Port: port, bed: b}
	start := time.Now()
	if err := s.waitReady(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	fmt.Fprintf(b.options.Log, "plimsoll is ready after %s\n", time.Since(start).Round(100*time.Millisecond))
	return s, nil
}

func (b *Bed) serverArgs() ([]string, error) {
	kubeconfig, err := b.KubeconfigFor(account, "system:serviceaccounts", "system:serviceaccounts:"+namespace)
	if err != nil {
		return nil, err
	}
	cert, key, err := b.ServingCert([]string{serviceHost, "localhost"}, []net.IP{net.ParseIP(loopback)})
	if err != nil {
		return nil, err
	}
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=" + loopback,
		"--tls-cert-file=" + cert, "--tls-private-key-file=" + key,
		"--kubelet-certificate-authority=" + b.kubeletCA,
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-use-node-status-port",
		"--metric-resolution=5s",
	}, nil
}

// waitReady waits for /readyz, which means that the first numbers are there.
func (s *Server) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	config, err := s.ConfigFor("system:anonymous")
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("make a client of plimsoll: %w", err)
	}
	defer client.CloseIdleConnections()
	return s.WaitReady(ctx, func(ctx context.Context) error { return get(ctx, client, config.Host+"/readyz?verbose") })
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
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}
