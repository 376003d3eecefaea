package fleet

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	certutil "k8s.io/client-go/util/cert"
)

// authority makes a CA that is valid now: TLS goes by the machine's clock.
func authority(t *testing.T) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := certutil.NewSelfSignedCACert(certutil.Config{CommonName: "test"}, key)
	if err != nil {
		t.Fatal(err)
	}
	return ca, key
}

func verifying(t *testing.T, ca *x509.Certificate, serverName string, certificates ...tls.Certificate) *http.Client {
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: serverName, Certificates: certificates}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

func TestCertificates(t *testing.T) {
	ca, key := authority(t)
	f, _ := newFleet(t, Options{Nodes: 2, Certificate: SignedBy(ca, key)})
	start(t, f)
	tests := []struct {
		name       string
		serverName string
		works      bool
	}{
		{"by address", "", true},
		{"by name", "node-0002", true},
		{"another node's name", "node-0001", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			response, err := verifying(t, ca, test.serverName).Get(url(f, 1, PathHealth))
			if err == nil {
				defer response.Body.Close()
				subject := response.TLS.PeerCertificates[0].Subject
				if subject.CommonName != "system:node:node-0002" || subject.Organization[0] != "system:nodes" {
					t.Errorf("subject is %s", subject)
				}
			}
			if works := err == nil; works != test.works {
				t.Errorf("works: %v, want %v (%v)", works, test.works, err)
			}
		})
	}
}

func TestCertificateIsRequestedOnceUnlessItFails(t *testing.T) {
	ca, key := authority(t)
	requested := 0
	f, _ := newFleet(t, Options{Certificate: func(node string, ip net.IP) (*tls.Certificate, error) {
		if requested++; requested == 1 {
			return nil, errors.New("not yet")
		}
		return SignedBy(ca, key)(node, ip)
	}})
	start(t, f)
	if response, err := verifying(t, ca, "").Get(url(f, 0, PathHealth)); err == nil {
		response.Body.Close()
		t.Error("the first handshake worked without a certificate")
	}
	for range 3 {
		get(t, verifying(t, ca, ""), url(f, 0, PathHealth))
	}
	if requested != 2 {
		t.Errorf("the certificate was requested %d times, want 2", requested)
	}
}

func TestAuthorize(t *testing.T) {
	ca, key := authority(t)
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	known, foreign := clientCertificate(t, ca, key), func() tls.Certificate {
		ca, key := authority(t)
		return clientCertificate(t, ca, key)
	}()
	forbid := func(*http.Request) int { return http.StatusForbidden }
	tests := []struct {
		name         string
		authorize    func(*http.Request) int
		token        string
		certificates []tls.Certificate
		want         int
	}{
		{"all are let in", nil, "", nil, http.StatusOK},
		{"the token", BearerToken("secret"), "secret", nil, http.StatusOK},
		{"another token", BearerToken("secret"), "guess", nil, http.StatusUnauthorized},
		{"no token", BearerToken("secret"), "", nil, http.StatusUnauthorized},
		{"a certificate", ClientCertificate(roots), "", []tls.Certificate{known}, http.StatusOK},
		{"a foreign certificate", ClientCertificate(roots), "", []tls.Certificate{foreign}, http.StatusUnauthorized},
		{"no certificate", ClientCertificate(roots), "", nil, http.StatusUnauthorized},
		{"forbidden", forbid, "", nil, http.StatusForbidden},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, _ := newFleet(t, Options{Certificate: SignedBy(ca, key), Authorize: test.authorize, ReadOnly: true})
			start(t, f)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url(f, 0, PathResource), nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.token != "" {
				request.Header.Set("Authorization", "Bearer "+test.token)
			}
			response, err := verifying(t, ca, "", test.certificates...).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != test.want {
				t.Errorf("status %d, want %d", response.StatusCode, test.want)
			}
			if status, _ := get(t, httpClient(t), plainURL(f, 0, PathResource)); status != http.StatusOK {
				t.Errorf("the read-only port returns %d, want it to require nothing", status)
			}
		})
	}
}

func clientCertificate(t *testing.T, ca *x509.Certificate, key *ecdsa.PrivateKey) tls.Certificate {
	t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "reader"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca, own.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: own}
}
