package controlplane

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"k8s.io/client-go/util/keyutil"
)

// The files of the pki folder that programs are started with; a certificate and its key differ in the extension.
const (
	clusterCA        = "ca"
	frontProxyCA     = "front-proxy-ca"
	frontProxyClient = "front-proxy-client"
	kubeletClient    = "kubelet-client"
	etcdCA           = "etcd-ca"
	etcdServer       = "etcd-server"
	etcdClient       = "etcd-client"
	serving          = "serving"
	serviceAccount   = "service-account"
)

// frontProxyName is the common name that the API server proves itself with to aggregated servers.
const frontProxyName = "front-proxy-client"

// pki is the cluster's certificates and keys. Nothing changes it after it is made; further certificates are signed by
// the same authorities.
type pki struct {
	dir string
	// cluster signs clients and servers, frontProxy the API server's identity as a proxy, etcd all that reaches etcd.
	cluster, frontProxy, etcd *authority
}

// newPKI makes everything that the programs need and writes it to a folder.
func newPKI(dir string) (*pki, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of certificates: %w", err)
	}
	p := &pki{dir: dir}
	for name, ca := range map[string]**authority{clusterCA: &p.cluster, frontProxyCA: &p.frontProxy, etcdCA: &p.etcd} {
		made, err := newAuthority("plimsoll-test-" + name)
		if err != nil {
			return nil, err
		}
		*ca = made
	}
	for _, step := range []func() error{p.writeAuthorities, p.writeServers, p.writeClients, p.writeServiceAccount} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *pki) certFile(name string) string { return filepath.Join(p.dir, name+".crt") }
func (p *pki) keyFile(name string) string  { return filepath.Join(p.dir, name+".key") }

// writeAuthorities leaves the keys of the front proxy and of etcd in memory: only the cluster's signs at run time.
func (p *pki) writeAuthorities() error {
	key, err := keyutil.MarshalPrivateKeyToPEM(p.cluster.key)
	if err != nil {
		return fmt.Errorf("encoding the key of the cluster's authority: %w", err)
	}
	if err := p.write(clusterCA, pair{cert: p.cluster.certPEM(), key: key}); err != nil {
		return err
	}
	for name, ca := range map[string]*authority{frontProxyCA: p.frontProxy, etcdCA: p.etcd} {
		if err := os.WriteFile(p.certFile(name), ca.certPEM(), 0o600); err != nil {
			return fmt.Errorf("writing the certificate of %s: %w", name, err)
		}
	}
	return nil
}

func (p *pki) writeServers() error {
	names := []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	ips := []net.IP{net.ParseIP(loopback), net.ParseIP(serviceIP)}
	server, err := p.cluster.server(names, ips)
	if err != nil {
		return err
	}
	if err := p.write(serving, server); err != nil {
		return err
	}
	// etcd's gateway dials its own listener with the server's certificate.
	server, err = p.etcd.server(names[:1], ips[:1], x509.ExtKeyUsageClientAuth)
	if err != nil {
		return err
	}
	return p.write(etcdServer, server)
}

func (p *pki) writeClients() error {
	client, err := p.frontProxy.client(frontProxyName)
	if err != nil {
		return err
	}
	if err := p.write(frontProxyClient, client); err != nil {
		return err
	}
	if client, err = p.cluster.client("kube-apiserver-kubelet-client", adminGroup); err != nil {
		return err
	}
	if err := p.write(kubeletClient, client); err != nil {
		return err
	}
	if client, err = p.etcd.client("kube-apiserver"); err != nil {
		return err
	}
	return p.write(etcdClient, client)
}

// writeServiceAccount makes the pair that signs and checks service account tokens: no certificate, just a public key.
func (p *pki) writeServiceAccount() error {
	key, err := newKey()
	if err != nil {
		return err
	}
	private, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return fmt.Errorf("encoding the service account key: %w", err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return fmt.Errorf("encoding the service account public key: %w", err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: keyutil.PublicKeyBlockType, Bytes: der})
	return p.write(serviceAccount, pair{cert: public, key: private})
}

func (p *pki) write(name string, content pair) error {
	if err := os.WriteFile(p.certFile(name), content.cert, 0o600); err != nil {
		return fmt.Errorf("writing the certificate of %s: %w", name, err)
	}
	if err := os.WriteFile(p.keyFile(name), content.key, 0o600); err != nil {
		return fmt.Errorf("writing the key of %s: %w", name, err)
	}
	return nil
}
