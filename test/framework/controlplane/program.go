package controlplane

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// program has the command of one part, and the check that it is ready.
type program struct {
	part parts.Part
	// ports is how many free ports it wants; args and ready are given them.
	ports int
	args  func(ports []int) []string
	ready func(ports []int) func(context.Context) error
}

// started is a program that was started at some ports.
type started struct {
	*process.Process
	program program
	ports   []int
}

// loopback is the one address that anything here listens on.
const loopback = "127.0.0.1"

// attempts bounds how often a program is started again because another program took its port.
const attempts = 3

// run starts a program, waits until it is ready and returns its ports. The control plane owns the process from then on.
func (c *ControlPlane) run(ctx context.Context, p program) (ports []int, err error) {
	start := time.Now()
	for range attempts {
		if ports, err = process.FreePorts(p.ports); err != nil {
			return nil, err
		}
		err = c.try(ctx, p, ports)
		var failed *process.Error
		if err == nil || !errors.As(err, &failed) || !failed.PortTaken() {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(c.options.Log, "%s is ready after %s\n", p.part, time.Since(start).Round(100*time.Millisecond))
	return ports, nil
}

// try starts a program once. A program that does not become ready has ended when try returns.
func (c *ControlPlane) try(ctx context.Context, p program, ports []int) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.options.StartTimeout, fmt.Errorf("gave up after %s", c.options.StartTimeout))
	defer cancel()
	proc, err := process.Start(process.Options{
		Name: string(p.part), Dir: c.options.Dir, Binary: c.options.Binaries[p.part], Args: p.args(ports),
	})
	if err != nil {
		return err
	}
	if err := proc.WaitReady(ctx, p.ready(ports)); err != nil {
		_ = proc.Stop(c.options.StopGrace) // It can only repeat the failure that is returned.
		return err
	}
	c.processes = append(c.processes, started{proc, p, ports})
	return nil
}

// probe returns a check that requests a URL on loopback and wants 200. Each check has a connection of its own, so that
// none outlives it.
func probe(scheme string, port int, path string, trust *authority, client pair) func(context.Context) error {
	url := scheme + "://" + net.JoinHostPort(loopback, strconv.Itoa(port)) + path
	return func(ctx context.Context) error {
		transport := &http.Transport{DisableKeepAlives: true}
		if scheme == "https" {
			config, err := tlsConfig(trust, client)
			if err != nil {
				return err
			}
			transport.TLSClientConfig = config
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return fmt.Errorf("asking %s: %w", url, err)
		}
		response, err := (&http.Client{Transport: transport, Timeout: 5 * time.Second}).Do(request)
		if err != nil {
			return fmt.Errorf("requesting readiness: %w", err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			body, _ := io.ReadAll(io.LimitReader(response.Body, 4<<10))
			return fmt.Errorf("asking %s: %s: %s", url, response.Status, body)
		}
		return nil
	}
}

// tlsConfig trusts one authority, and shows a certificate where there is one.
func tlsConfig(trust *authority, client pair) (*tls.Config, error) {
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AddCert(trust.cert)
	if client.cert == nil {
		return config, nil
	}
	certificate, err := tls.X509KeyPair(client.cert, client.key)
	if err != nil {
		return nil, fmt.Errorf("reading a client certificate: %w", err)
	}
	config.Certificates = []tls.Certificate{certificate}
	return config, nil
}
