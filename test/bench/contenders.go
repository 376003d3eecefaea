package bench

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// rights are those that the cluster does not grant by itself.
//
//go:embed rights.yaml
var rights string

const (
	// reader is the user who sends requests to the servers.
	reader = "bench-reader"
	// peerAccount is metrics-server's identity.
	peerNamespace = "kube-system"
	peerAccount   = "system:serviceaccount:" + peerNamespace + ":metrics-server"
)

// contenders are Plimsoll and its peer, built.
func contenders(ctx context.Context, b *cluster.Cluster, o Options) (own, peer cluster.Program, err error) {
	if own, err = b.Plimsoll(ctx); err != nil {
		return own, peer, err
	}
	if _, err := b.Run(ctx, rights, "apply", "-f", "-"); err != nil {
		return own, peer, fmt.Errorf("give metrics-server and the reader their rights: %w", err)
	}
	if o.PeerBinary != "" {
		return own, b.PlimsollAt(o.PeerBinary, "plimsoll-peer"), nil
	}
	peer, err = metricsServer(ctx, b, o)
	return own, peer, err
}

// metricsServer is metrics-server, built, with an identity of its own.
func metricsServer(ctx context.Context, b *cluster.Cluster, o Options) (peer cluster.Program, err error) {
	binaries, err := parts.Ensure(ctx, o.Log, parts.Peer()...)
	if err != nil {
		return peer, err
	}
	kubeconfig, err := b.KubeconfigFor(peerAccount, "system:serviceaccounts", "system:serviceaccounts:"+peerNamespace)
	return cluster.Program{Name: string(parts.MetricsServer), Binary: binaries[parts.MetricsServer], Kubeconfig: kubeconfig}, err
}
