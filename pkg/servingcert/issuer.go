package servingcert

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"time"

	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// issuer makes authorities and serving certificates. client-go's NewSelfSignedCACert has a fixed validity of ten years.
type issuer struct {
	// dnsNames and ips are those of the serving certificates.
	dnsNames  []string
	ips       []net.IP
	lifetimes Lifetimes
}

// newAuthority makes an authority that is valid from now on, and its key.
func (i *issuer) newAuthority(now time.Time) (*x509.Certificate, crypto.Signer, error) {
	template := i.template("plimsoll-ca", now, i.lifetimes.Authority)
	template.IsCA, template.MaxPathLenZero = true, true
	template.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make the key of a certificate authority: %w", err)
	}
	authority, err := sign(template, template, key.Public(), key)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	return authority, key, nil
}

// withServing returns the state with a new serving certificate, which the newest authority has signed.
func (i *issuer) withServing(s state, now time.Time) (*state, error) {
	template := i.template("plimsoll", now, i.lifetimes.Serving)
	if end := s.authorities[0].NotAfter; template.NotAfter.After(end) {
		template.NotAfter = end
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.DNSNames, template.IPAddresses = i.dnsNames, i.ips
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key of a serving certificate: %w", err)
	}
	if s.serving, err = sign(template, s.authorities[0], key.Public(), s.authorityKey); err != nil {
		return nil, fmt.Errorf("make a serving certificate: %w", err)
	}
	if s.servingPEM, err = cert.EncodeCertificates(s.serving); err != nil {
		return nil, fmt.Errorf("encode a serving certificate: %w", err)
	}
	if s.servingKeyPEM, err = keyutil.MarshalPrivateKeyToPEM(key); err != nil {
		return nil, fmt.Errorf("encode the key of a serving certificate: %w", err)
	}
	return &s, nil
}

// template has what both kinds of certificate have. The library adds a random serial number.
func (i *issuer) template(name string, now time.Time, validity time.Duration) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: fmt.Sprintf("%s@%d", name, now.Unix())},
		NotBefore:             now.Add(-i.lifetimes.Backdate),
		NotAfter:              now.Add(validity),
		BasicConstraintsValid: true,
	}
}

func sign(template, parent *x509.Certificate, public crypto.PublicKey, by crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}
