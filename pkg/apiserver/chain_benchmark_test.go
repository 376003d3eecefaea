package apiserver_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	x509request "k8s.io/apiserver/pkg/authentication/request/x509"
	genericapiserver "k8s.io/apiserver/pkg/server"
)

// BenchmarkChain is one GET of a pod by a client with a certificate, through all filters and without the network: what the bounds around the library's
// chain cost beside it. "handler" is what is served, without any filter.
func BenchmarkChain(b *testing.B) {
	client, roots := clientCertificate(b)
	options := x509request.DefaultVerifyOptions()
	options.Roots = roots
	for name, chain := range map[string]chain{
		"bounded": nil,
		"library": genericapiserver.DefaultBuildHandlerChain,
	} {
		b.Run(name, func(b *testing.B) {
			config := newManyPods().config()
			config.Generic.Authentication.Authenticator = x509request.New(options, x509request.CommonNameUserConversion)
			completed := config.Complete()
			if chain != nil {
				config.Generic.BuildHandlerChainFunc = chain
			}
			server, err := completed.New("benchmark")
			if err != nil {
				b.Fatal(err)
			}
			h, state := server.Handler(), &tls.ConnectionState{PeerCertificates: []*x509.Certificate{client}}
			b.ReportAllocs()
			for b.Loop() {
				request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, apisMetrics+"v1beta1/namespaces/shop/pods/workload-0", nil)
				request.Header.Set("Accept", asProtobuf)
				request.TLS = state
				response := httptest.NewRecorder()
				if h.ServeHTTP(response, request); response.Code != http.StatusOK {
					b.Fatalf("%d %s", response.Code, response.Body)
				}
			}
		})
	}
}

// clientCertificate returns the certificate of a client, and the authority that signed it.
func clientCertificate(b *testing.B) (*x509.Certificate, *x509.CertPool) {
	b.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "autoscaler"}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true,
	}
	authority, key := signed(b, template, nil, nil)
	template.IsCA = false
	certificate, _ := signed(b, template, authority, key)
	pool := x509.NewCertPool()
	pool.AddCert(authority)
	return certificate, pool
}

// signed makes a certificate of a template; it signs itself where there is no authority.
func signed(b *testing.B, template, authority *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	if authority == nil {
		authority, signer = template, key
	}
	encoded, err := x509.CreateCertificate(rand.Reader, template, authority, key.Public(), signer)
	if err != nil {
		b.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(encoded)
	if err != nil {
		b.Fatal(err)
	}
	return certificate, key
}
