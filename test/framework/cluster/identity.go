package cluster

import (
	"context"
	"fmt"
	"net"
)

const (
	// namespace, service and account are those of manifests/base.
	namespace = "plimsoll-system"
	service   = "plimsoll"
	account   = "system:serviceaccount:plimsoll-system:plimsoll"
	// serviceHost is the name that the aggregator wants in the server's certificate.
	serviceHost = service + "." + namespace + ".svc"
)

// admit gives Plimsoll the identity and the rights of the manifests.
func (c *Cluster) admit(ctx context.Context) (err error) {
	if err := c.applyRights(ctx); err != nil {
		return fmt.Errorf("give plimsoll its rights: %w", err)
	}
	c.kubeconfig, err = c.KubeconfigFor(account, "system:serviceaccounts", "system:serviceaccounts:"+namespace)
	return err
}

// Kubeconfig is the path of a kubeconfig with Plimsoll's identity in this cluster, inside Options.Dir.
func (c *Cluster) Kubeconfig() string { return c.kubeconfig }

// servingArgs are the flags by which a server with an identity serves, and by which this cluster authenticates and authorizes its clients. They name no
// source.
func (c *Cluster) servingArgs(kubeconfig string) ([]string, error) {
	cert, key, err := c.ServingCert([]string{serviceHost, "localhost"}, []net.IP{net.ParseIP(loopback)})
	if err != nil {
		return nil, err
	}
	return []string{
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=" + loopback,
		"--tls-cert-file=" + cert, "--tls-private-key-file=" + key,
	}, nil
}

// localKubelets has Plimsoll scrape the kubelets of a cluster, whose addresses are on loopback.
const localKubelets = "--kubelet-allow-local-addresses"

// SourceArgs are the flags by which Plimsoll finds and scrapes the kubelets of this cluster.
func (c *Cluster) SourceArgs() []string { return c.sourceArgsFor(c.kubeconfig) }

// sourceArgsFor is SourceArgs for another identity.
func (c *Cluster) sourceArgsFor(kubeconfig string) []string {
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--kubelet-certificate-authority=" + c.kubeletCA,
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-use-node-status-port",
		"--metric-resolution=5s",
	}
}
