package scrape

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// writePair writes a self-signed client certificate and its key, and returns where.
func writePair(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, of, of, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "crt"), filepath.Join(dir, "key")
	writeFile(t, cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	writeFile(t, key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))
	return cert, key
}

func writeFile(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// bedOfTrust asks one kubelet, which tells who asked, by files that change.
type bedOfTrust struct {
	server       *counted
	client       *http.Client
	trust        *trust
	ca, crt, dir string
	line         line
}

func newBedOfTrust(t *testing.T) *bedOfTrust {
	b := &bedOfTrust{dir: t.TempDir()}
	b.server = newCounted(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	})
	b.server.TLS.ClientAuth = tls.RequireAnyClientCert
	b.ca = filepath.Join(b.dir, "ca")
	writeFile(t, b.ca, pemOf(b.server.Certificate()))
	cert, key := writePair(t, b.dir, "first")
	b.crt = cert
	config, err := Access{CAFile: b.ca, CertFile: cert, KeyFile: key}.restConfig(&rest.Config{}).TransportConfig()
	if err != nil {
		t.Fatal(err)
	}
	if b.trust, err = newTrust(config); err != nil {
		t.Fatal(err)
	}
	b.client = &http.Client{Transport: newConnector(b.trust, newGuard(onLoopback).dial)}
	t.Cleanup(b.line.hangUp)
	return b
}

// later is a question for which the files are read again.
func (b *bedOfTrust) later(t *testing.T) (string, error) {
	t.Helper()
	b.trust.mu.Lock()
	b.trust.checked = time.Now().Add(-reloadPause)
	b.trust.mu.Unlock()
	return b.server.over(t, &b.line, b.client)
}

func TestAClientCertificateThatChangesIsShown(t *testing.T) {
	b := newBedOfTrust(t)
	for range 2 {
		if who, err := b.later(t); who != "first" || err != nil {
			t.Fatalf("the kubelet saw %q: %v", who, err)
		}
	}
	if got := b.server.connections.Load(); got != 1 {
		t.Errorf("%d connections while nothing changed", got)
	}
	writePair(t, b.dir, "second")
	if who, err := b.later(t); who != "second" || err != nil {
		t.Errorf("after the change the kubelet saw %q: %v", who, err)
	}
	for _, text := range []string{"", "nonsense"} {
		writeFile(t, b.crt, []byte(text))
		if who, err := b.later(t); who != "second" || err != nil {
			t.Errorf("with a certificate of %q the kubelet saw %q: %v", text, who, err)
		}
	}
}

func TestAnAuthorityThatChangesIsBelieved(t *testing.T) {
	b := newBedOfTrust(t)
	if _, err := b.later(t); err != nil {
		t.Fatal(err)
	}
	other, _ := writePair(t, t.TempDir(), "another authority")
	text, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, b.ca, text)
	if _, err := b.later(t); causeOf(err).Code != "tls_unknown_authority" {
		t.Errorf("an authority that is no longer trusted: %v", err)
	}
	writeFile(t, b.ca, pemOf(b.server.Certificate()))
	if _, err := b.later(t); err != nil {
		t.Errorf("trusted again: %v", err)
	}
}

func TestAMissingFileIsAnErrorAtTheStart(t *testing.T) {
	for _, access := range []Access{{CAFile: "/none"}, {CertFile: "/none", KeyFile: "/none"}} {
		if _, err := access.HTTPClient(&rest.Config{}); err == nil {
			t.Errorf("%+v has no error", access)
		}
	}
}

// TestWrappersOfTheClusterAreUsed has a wrapper of the cluster's configuration, as a plugin for credentials brings it, see every request.
func TestWrappersOfTheClusterAreUsed(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Wrapped") != "yes" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	config := &rest.Config{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return wrapped{next} })
	if err := fetchOnce(t, server.URL, Access{InsecureTLS: true}, config); err != nil {
		t.Error(err)
	}
}

type wrapped struct{ next http.RoundTripper }

func (w wrapped) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Wrapped", "yes")
	return w.next.RoundTrip(r)
}
