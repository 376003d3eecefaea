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

// admit gives Plimsoll the identity and the rights that the manifests give it.
func (b *Cluster) admit(ctx context.Context) (err error) {
	if err := b.applyRights(ctx); err != nil {
		return fmt.Errorf("give plimsoll its rights: %w", err)
	}
	b.kubeconfig, err = b.KubeconfigFor(account, "system:serviceaccounts", "system:serviceaccounts:"+namespace)
	return err
}

// Kubeconfig is the path of a kubeconfig with Plimsoll's identity in this cluster, inside Options.Dir.
func (b *Cluster) Kubeconfig() string { return b.kubeconfig }

// servingArgs are the flags by which a server with an identity serves, and by which it asks this cluster who may ask it. They name no
// source.
func (b *Cluster) servingArgs(kubeconfig string) ([]string, error) {
	cert, key, err := b.ServingCert([]string{serviceHost, "localhost"}, []net.IP{net.ParseIP(loopback)})
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

// localKubelets has Plimsoll ask the kubelets of a cluster, whose addresses are on loopback.
const localKubelets = "--kubelet-allow-local-addresses"

// SourceArgs are the flags by which Plimsoll finds and scrapes the kubelets of this cluster.
func (b *Cluster) SourceArgs() []string { return b.sourceArgsFor(b.kubeconfig) }

// sourceArgsFor is SourceArgs for another identity.
func (b *Cluster) sourceArgsFor(kubeconfig string) []string {
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--kubelet-certificate-authority=" + b.kubeletCA,
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-use-node-status-port",
		"--metric-resolution=5s",
	}
}
