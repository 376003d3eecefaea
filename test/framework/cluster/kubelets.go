package cluster

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"

	certutil "k8s.io/client-go/util/cert"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// startFleet serves the simulated kubelets, registers their nodes, and has kwok make them ready.
func (b *Cluster) startFleet(ctx context.Context) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key for the kubelets' authority: %w", err)
	}
	ca, err := certutil.NewSelfSignedCACert(certutil.Config{CommonName: "kubelets"}, key)
	if err != nil {
		return fmt.Errorf("make the kubelets' authority: %w", err)
	}
	bundle, err := certutil.EncodeCertificates(ca)
	if err != nil {
		return fmt.Errorf("encode the kubelets' authority: %w", err)
	}
	b.kubeletCA = filepath.Join(b.options.Dir, "kubelet-ca.crt")
	if err := os.WriteFile(b.kubeletCA, bundle, 0o600); err != nil {
		return fmt.Errorf("write the kubelets' authority: %w", err)
	}
	if b.Fleet, err = fleet.New(b.fleetOptions(ca, key)); err != nil {
		return err
	}
	b.serveFleet()
	fmt.Fprintf(b.options.Log, "registering %d simulated nodes\n", b.options.Nodes)
	if err := b.StartKwok(ctx, fleet.LabelFleet); err != nil {
		return err
	}
	return b.Fleet.Register(ctx, b.Client)
}

func (b *Cluster) fleetOptions(ca *x509.Certificate, key crypto.Signer) fleet.Options {
	o := fleet.Options{
		Nodes: b.options.Nodes, Block: b.options.Block, Port: b.options.KubeletPort, ReadOnly: b.options.ReadOnly, ReadOnlyPort: b.options.ReadOnlyPort,
		Readings: b.options.Readings, BaseCPU: b.options.BaseCPU, Client: b.Client, Certificate: fleet.SignedBy(ca, key),
	}
	if b.options.Authenticate {
		o.Authorize = b.authenticate()
	}
	return o
}

// KubeletCA is the path of the authority that signs the kubelets' serving certificates, inside Options.Dir.
func (b *Cluster) KubeletCA() string { return b.kubeletCA }

// serveFleet lets the fleet live as long as the cluster, whatever becomes of the context of the start.
func (b *Cluster) serveFleet() {
	ctx, cancel := context.WithCancel(context.Background())
	b.endFleet = cancel
	b.fleet.Go(func() { b.fleetErr = b.Fleet.Start(ctx) })
}
