package servingcert

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// The keys of the Secret's data. The names of the serving certificate are those of a Secret for TLS.
const (
	authoritiesKey  = "ca.crt"
	authorityKeyKey = "ca.key"
	servingKey      = corev1.TLSCertKey
	servingKeyKey   = corev1.TLSPrivateKeyKey
)

// state is what the Secret holds. It is replaced, never changed.
type state struct {
	// authorities belong into caBundle, the newest first. There is at least one.
	authorities []*x509.Certificate
	// authorityKey is that of the newest authority. Those of the older ones are gone, so they sign nothing any more.
	authorityKey crypto.Signer
	// serving is signed by one of the authorities.
	serving *x509.Certificate
	// servingPEM and servingKeyPEM are the serving certificate and its key as the library takes them.
	servingPEM, servingKeyPEM []byte
}

// decode reads the data of a Secret. The error names the key whose value cannot be used.
func decode(data map[string][]byte) (*state, error) {
	s := &state{servingPEM: data[servingKey], servingKeyPEM: data[servingKeyKey]}
	var err error
	if s.authorities, err = cert.ParseCertsPEM(data[authoritiesKey]); err != nil {
		return nil, fmt.Errorf("read %s: %w", authoritiesKey, err)
	}
	key, err := keyutil.ParsePrivateKeyPEM(data[authorityKeyKey])
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", authorityKeyKey, err)
	}
	var ok bool
	if s.authorityKey, ok = key.(crypto.Signer); !ok || !isKeyOf(s.authorityKey, s.authorities[0]) {
		return nil, fmt.Errorf("read %s: it is not the key of the first certificate in %s", authorityKeyKey, authoritiesKey)
	}
	pair, err := tls.X509KeyPair(s.servingPEM, s.servingKeyPEM)
	if err != nil {
		return nil, fmt.Errorf("read %s and %s: %w", servingKey, servingKeyKey, err)
	}
	s.serving = pair.Leaf
	if s.signer() == nil {
		return nil, errors.New("read " + servingKey + ": no certificate in " + authoritiesKey + " has signed it")
	}
	return s, nil
}

func isKeyOf(key crypto.Signer, c *x509.Certificate) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

// encode sets the data of a Secret.
func (s *state) encode(secret *corev1.Secret) error {
	key, err := keyutil.MarshalPrivateKeyToPEM(s.authorityKey)
	if err != nil {
		return fmt.Errorf("encode the key of the certificate authority: %w", err)
	}
	bundle, err := s.bundle()
	if err != nil {
		return err
	}
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	secret.Data[authoritiesKey], secret.Data[authorityKeyKey] = bundle, key
	secret.Data[servingKey], secret.Data[servingKeyKey] = s.servingPEM, s.servingKeyPEM
	return nil
}

// bundle is the value of caBundle.
func (s *state) bundle() ([]byte, error) {
	bundle, err := cert.EncodeCertificates(s.authorities...)
	if err != nil {
		return nil, fmt.Errorf("encode the certificate authorities: %w", err)
	}
	return bundle, nil
}

// signer is the authority that has signed the serving certificate; nil where none of the authorities has.
func (s *state) signer() *x509.Certificate {
	i := slices.IndexFunc(s.authorities, func(a *x509.Certificate) bool { return s.serving.CheckSignatureFrom(a) == nil })
	if i < 0 {
		return nil
	}
	return s.authorities[i]
}

// holds is true where a caBundle has the authority.
func holds(bundle []byte, authority *x509.Certificate) bool {
	all, err := cert.ParseCertsPEM(bundle)
	return err == nil && slices.ContainsFunc(all, func(c *x509.Certificate) bool { return bytes.Equal(c.Raw, authority.Raw) })
}
