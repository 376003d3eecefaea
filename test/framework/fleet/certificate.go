package fleet

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"sync"

	certutil "k8s.io/client-go/util/cert"
)

// certificate holds a node's serving certificate once there is one.
type certificate struct {
	mu    sync.Mutex
	value *tls.Certificate
}

// SignedBy returns an Options.Certificate that signs one certificate a node, as a cluster does for kubelets with
// serverTLSBootstrap: subject system:node:<name>, valid for the node's name and address.
func SignedBy(ca *x509.Certificate, key crypto.Signer) func(node string, ip net.IP) (*tls.Certificate, error) {
	return func(node string, ip net.IP) (*tls.Certificate, error) {
		own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("making a key for %s: %w", node, err)
		}
		template := &x509.Certificate{
			SerialNumber: new(big.Int).SetUint64(hash(node, ip.String())),
			Subject:      pkix.Name{CommonName: "system:node:" + node, Organization: []string{"system:nodes"}},
			DNSNames:     []string{node},
			IPAddresses:  []net.IP{ip},
			NotBefore:    ca.NotBefore,
			NotAfter:     ca.NotAfter,
			KeyUsage:     x509.KeyUsageDigitalSignature,
			ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		der, err := x509.CreateCertificate(rand.Reader, template, ca, own.Public(), key)
		if err != nil {
			return nil, fmt.Errorf("signing the certificate of %s: %w", node, err)
		}
		return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: own}, nil
	}
}

// tlsConfig offers HTTP/1.1 alone, as kubelets with a reloaded client CA do, and requests client certificates.
func (f *Fleet) tlsConfig() *tls.Config {
	if f.options.Certificate == nil {
		shared := sync.OnceValues(func() (*tls.Certificate, error) { return selfSigned(f.options.NodePrefix) })
		f.options.Certificate = func(string, net.IP) (*tls.Certificate, error) { return shared() }
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		ClientAuth: tls.RequestClientCert,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			n, err := f.nodeAt(hello.Conn.LocalAddr())
			if err != nil {
				return nil, err
			}
			return n.certificate.get(n, f.options.Certificate)
		},
	}
}

func (c *certificate) get(n *node, issue func(string, net.IP) (*tls.Certificate, error)) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.value == nil {
		issued, err := issue(n.name, n.ip)
		if err != nil {
			return nil, fmt.Errorf("serving certificate of %s: %w", n.name, err)
		}
		c.value = issued
	}
	return c.value, nil
}

func selfSigned(host string) (*tls.Certificate, error) {
	cert, key, err := certutil.GenerateSelfSignedCertKey(host, nil, nil)
	if err != nil {
		return nil, fmt.Errorf("making the fleet's self-signed certificate: %w", err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("reading the fleet's self-signed certificate: %w", err)
	}
	return &pair, nil
}
