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
	"time"

	certutil "k8s.io/client-go/util/cert"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

// startFleet serves the simulated kubelets, registers their nodes, and has kwok make them ready.
func (c *Cluster) startFleet(ctx context.Context) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key for the kubelets' authority: %w", err)
	}
	// They are valid before now, for a server whose clock is behind.
	ca, err := certutil.NewSelfSignedCACert(certutil.Config{CommonName: "kubelets", NotBefore: time.Now().Add(-2 * time.Hour)}, key)
	if err != nil {
		return fmt.Errorf("make the kubelets' authority: %w", err)
	}
	bundle, err := certutil.EncodeCertificates(ca)
	if err != nil {
		return fmt.Errorf("encode the kubelets' authority: %w", err)
	}
	c.kubeletCA = filepath.Join(c.options.Dir, "kubelet-ca.crt")
	if err := os.WriteFile(c.kubeletCA, bundle, 0o600); err != nil {
		return fmt.Errorf("write the kubelets' authority: %w", err)
	}
	if c.Fleet, err = fleet.New(c.fleetOptions(ca, key)); err != nil {
		return err
	}
	c.serveFleet()
	fmt.Fprintf(c.options.Log, "registering %d simulated nodes\n", c.options.Nodes)
	if err := c.StartKwok(ctx, fleet.LabelFleet); err != nil {
		return err
	}
	return c.Fleet.Register(ctx, c.Client)
}

func (c *Cluster) fleetOptions(ca *x509.Certificate, key crypto.Signer) fleet.Options {
	o := fleet.Options{
		Nodes: c.options.Nodes, Block: c.options.Block, Port: c.options.KubeletPort, ReadOnly: c.options.ReadOnly, ReadOnlyPort: c.options.ReadOnlyPort,
		Readings: c.options.Readings, BaseCPU: c.options.BaseCPU, Swap: c.options.Swap, Pressure: c.options.Pressure, History: c.options.History, Client: c.Client, Certificate: fleet.SignedBy(ca, key),
	}
	if c.options.Authenticate {
		o.Authorize = c.authenticate()
	}
	return o
}

// KubeletCA is the path of the authority that signs the kubelets' serving certificates, inside Options.Dir.
func (c *Cluster) KubeletCA() string { return c.kubeletCA }

// serveFleet lets the fleet live as long as the cluster, whatever becomes of the context of the start.
func (c *Cluster) serveFleet() {
	ctx, cancel := context.WithCancel(context.Background())
	c.endFleet = cancel
	c.fleet.Go(func() { c.fleetErr = c.Fleet.Start(ctx) })
}
