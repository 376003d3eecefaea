package fleet

import (
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
	"time"
)

// OtherCertificate presents the certificate of another node.
func OtherCertificate(other string) Fault {
	return presents("the certificate of "+other, func(f *Fleet, _ net.IP) (*tls.Certificate, error) {
		n, err := f.node(other)
		if err != nil {
			return nil, err
		}
		return n.certificate.get(n, f.options.Certificate)
	})
}

// ExpiredCertificate presents a certificate for the node's address that expired an hour ago.
func ExpiredCertificate() Fault {
	return presents("an expired certificate", func(_ *Fleet, ip net.IP) (*tls.Certificate, error) {
		return issue(certificateTemplate("expired", ip, -time.Hour), nil)
	})
}

// CertificateChain presents a chain of at least so many bytes, whose certificates all have the name of the issuer of the first.
func CertificateChain(size int) Fault {
	ca := certificateTemplate("authority", nil, time.Hour)
	ca.IsCA = true
	authorities := sync.OnceValues(func() (list [][]byte, err error) {
		for bytes := 0; bytes < size; {
			another, err := issue(ca, nil)
			if err != nil {
				return nil, err
			}
			list = append(list, another.Certificate[0])
			bytes += len(another.Certificate[0])
		}
		return list, nil
	})
	return presents(fmt.Sprintf("a certificate chain of %d bytes", size), func(_ *Fleet, ip net.IP) (*tls.Certificate, error) {
		chain, err := issue(certificateTemplate("leaf", ip, time.Hour), ca)
		if err != nil {
			return nil, err
		}
		others, err := authorities()
		chain.Certificate = append(chain.Certificate, others...)
		return chain, err
	})
}

// presents returns a fault that presents a certificate, which is made for each connection.
func presents(name string, certificate func(f *Fleet, ip net.IP) (*tls.Certificate, error)) Fault {
	return handshake(name, func(f *Fleet, conn net.Conn, config *tls.Config) *tls.Conn {
		config.GetCertificate = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			n, err := f.nodeAt(hello.Conn.LocalAddr())
			if err != nil {
				return nil, err
			}
			return certificate(f, n.ip)
		}
		return tls.Server(conn, config)
	})
}

// certificateTemplate is of a server's certificate, which is valid until so long from now. The address may be nil.
func certificateTemplate(name string, ip net.IP, valid time.Duration) *x509.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(valid),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	if ip != nil {
		template.IPAddresses = []net.IP{ip}
	}
	return template
}

// issue makes a certificate with a key of its own. Without a parent it signs itself, with one it has the parent's name and the signature of that key
// all the same, which nothing verifies.
func issue(template, parent *x509.Certificate) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key for %s: %w", template.Subject, err)
	}
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing the certificate of %s: %w", template.Subject, err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
