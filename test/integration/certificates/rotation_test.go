package certificates

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const day = 24 * time.Hour

// pair is a certificate with its key.
type pair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate that was made some time ago, by an authority or, where that is nil, as one.
func issue(t *testing.T, ago, validity time.Duration, by *pair) *pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-ago)
	template := &x509.Certificate{
		Subject:   pkix.Name{CommonName: fmt.Sprintf("test %s ago", ago)},
		NotBefore: at.Add(-time.Hour), NotAfter: at.Add(validity), BasicConstraintsValid: true,
	}
	parent := &pair{template, key}
	if by == nil {
		template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign
	} else {
		parent = by
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		template.DNSNames = []string{host, "plimsoll.plimsoll-system", "plimsoll", "localhost"}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.cert, key.Public(), parent.key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &pair{made, key}
}

// contentOf is the content of a Secret: authorities, the newest first, and a serving certificate.
func contentOf(t *testing.T, serving *pair, authorities ...*pair) map[string][]byte {
	t.Helper()
	encode := func(certs ...*x509.Certificate) []byte {
		out, err := cert.EncodeCertificates(certs...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	encodeKey := func(key *ecdsa.PrivateKey) []byte {
		out, err := keyutil.MarshalPrivateKeyToPEM(key)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var bundle []*x509.Certificate
	for _, a := range authorities {
		bundle = append(bundle, a.cert)
	}
	return map[string][]byte{
		"ca.crt": encode(bundle...), "ca.key": encodeKey(authorities[0].key), "tls.crt": encode(serving.cert), "tls.key": encodeKey(serving.key),
	}
}

// replace writes the content of the Secret, whatever it was.
func replace(t *testing.T, data map[string][]byte) {
	t.Helper()
	secrets := env.Client.CoreV1().Secrets(namespace)
	poll.Eventually(t, within, func(ctx context.Context) error {
		secret, err := secrets.Get(ctx, secretName, metav1.GetOptions{})
		if err != nil {
			return err
		}
		secret.Data = data
		_, err = secrets.Update(ctx, secret, metav1.UpdateOptions{})
		return err
	})
}

// TestRotationLosesNoRequest has a server go through each step of a rotation under 100 requests a second through the aggregator, beside ten new
// connections a second. The time between the steps, an hour and months, is skipped: the Secret gets certificates that were made that long ago.
func TestRotationLosesNoRequest(t *testing.T) {
	old := issue(t, 300*day, 365*day, nil)
	first := issue(t, 10*day, 90*day, old)
	resetSecret(t, &corev1.Secret{Type: secretType, Data: contentOf(t, first, old)})
	server := launch(t)
	register(t, server, unchanged)
	awaitVerified(t, server)
	l := startLoad(t, server)

	// The authority is due: it gets a successor, which does not sign yet.
	await(t, server, 2, func(c *x509.Certificate) bool { return c.Equal(first.cert) })
	// The successor is old enough to sign; another one, so that it has to be published first.
	successor := issue(t, 2*time.Hour, 365*day, nil)
	replace(t, contentOf(t, first, successor, old))
	await(t, server, 2, func(c *x509.Certificate) bool { return c.CheckSignatureFrom(successor.cert) == nil })
	// The serving certificate is due, and the old authority has been without use for an hour.
	due := issue(t, 70*day, 90*day, successor)
	replace(t, contentOf(t, due, successor, old))
	await(t, server, 2, func(c *x509.Certificate) bool {
		return c.CheckSignatureFrom(successor.cert) == nil && !c.Equal(due.cert) && time.Since(c.NotBefore) < 2*time.Hour
	})
	replace(t, contentOf(t, issue(t, 2*time.Hour, 90*day, successor), successor, old))
	await(t, server, 1, func(c *x509.Certificate) bool { return c.CheckSignatureFrom(successor.cert) == nil })
	// A person has emptied the Secret, to have all keys made anew.
	replace(t, nil)
	await(t, server, 2, func(c *x509.Certificate) bool { return c.CheckSignatureFrom(successor.cert) != nil })

	l.check(t)
}

// await waits until caBundle has so many authorities, and the server shows a certificate that is as wanted and that they verify.
func await(t *testing.T, server *cluster.Server, authorities int, wanted func(*x509.Certificate) bool) {
	t.Helper()
	poll.Eventually(t, within, func(ctx context.Context) error {
		for _, version := range versions {
			s, err := apiServices(t).Get(ctx, objectName(version), metav1.GetOptions{})
			if err != nil {
				return err
			}
			all, err := cert.ParseCertsPEM(s.Spec.CABundle)
			if err != nil {
				return err
			}
			shown, err := dial(ctx, server, s.Spec.CABundle)
			if err != nil {
				return err
			}
			if len(all) != authorities || !wanted(shown) {
				return fmt.Errorf("caBundle of %s has %d authorities, want %d, and the server shows %s, made at %s", s.Name, len(all), authorities, shown.Subject, shown.NotBefore)
			}
		}
		return nil
	})
}
