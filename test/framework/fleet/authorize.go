package fleet

import (
	"crypto/subtle"
	"crypto/x509"
	"net/http"
)

// BearerToken returns an Options.Authorize that accepts clients with the token, and returns 401 to all others.
func BearerToken(token string) func(*http.Request) int {
	return func(r *http.Request) int {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+token)) == 1 {
			return http.StatusOK
		}
		return http.StatusUnauthorized
	}
}

// ClientCertificate returns an Options.Authorize that lets in who proves a client certificate of one of the roots, and
// returns 401 to all others.
func ClientCertificate(roots *x509.CertPool) func(*http.Request) int {
	return func(r *http.Request) int {
		if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
			return http.StatusUnauthorized
		}
		chain := x509.VerifyOptions{
			Roots: roots, Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		}
		for _, c := range r.TLS.PeerCertificates[1:] {
			chain.Intermediates.AddCert(c)
		}
		if _, err := r.TLS.PeerCertificates[0].Verify(chain); err != nil {
			return http.StatusUnauthorized
		}
		return http.StatusOK
	}
}
