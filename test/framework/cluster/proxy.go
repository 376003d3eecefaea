package cluster

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"

	"github.com/plimsoll/plimsoll/test/framework/process"
)

// Proxy runs kubectl proxy before the API server, with Plimsoll's identity: on loopback, every client of the URL is Plimsoll, over
// plain HTTP and without credentials. The caller stops it; further calls of stop do nothing.
func (c *Cluster) Proxy(ctx context.Context) (url string, stop func() error, err error) {
	p, port, err := c.listen(ctx, listening{
		name: "kubectl-proxy", binary: c.Kubectl(),
		args: func(port int) []string {
			return []string{"proxy", "--kubeconfig=" + c.kubeconfig, "--address=" + loopback, fmt.Sprintf("--port=%d", port)}
		},
		waitReady: waitProxy,
	})
	if err != nil {
		return "", nil, err
	}
	return proxyURL(port), sync.OnceValue(func() error { return p.Stop(stopGrace) }), nil
}

func proxyURL(port int) string { return "http://" + net.JoinHostPort(loopback, strconv.Itoa(port)) }

// waitProxy waits until the proxy reaches the API server as a known user.
func waitProxy(ctx context.Context, p *process.Process, port int) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return p.WaitReady(ctx, func(ctx context.Context) error { return get(ctx, client, proxyURL(port)+"/api/v1/nodes?limit=1") })
}
