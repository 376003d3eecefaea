package authentication

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/util/cert"
	"k8s.io/utils/clock"
)

// TestRememberingOnRealConnections has requests come through the library of either protocol: all those of a connection are one client's.
func TestRememberingOnRealConnections(t *testing.T) {
	certificate := ownCertificate(t)
	for protocol, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		t.Run(protocol, func(t *testing.T) {
			next := &deciding{}
			r := NewRemembering(next, proxy(), lifetime, clock.RealClock{})
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				response, ok, err := r.AuthenticateRequest(req)
				if err != nil || !ok || req.Proto != protocol {
					t.Errorf("%v, %t, %s", err, ok, req.Proto)
					return
				}
				_, _ = io.WriteString(w, response.User.GetName()) // Whoever asked notices.
			}))
			server.EnableHTTP2 = http2
			server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
			server.StartTLS()
			defer server.Close()
			var asked []int
			for _, who := range []string{"ann", "ann", "bob", "ann"} {
				ask(t, server, certificate, who)
				asked = append(asked, next.asked)
			}
			server.Client().CloseIdleConnections()
			ask(t, server, certificate, "ann")
			if diff := cmp.Diff([]int{1, 1, 2, 2, 3}, append(asked, next.asked)); diff != "" {
				t.Errorf("asked by then (-want +got):\n%s", diff)
			}
		})
	}
}

func ask(t *testing.T, server *httptest.Server, certificate tls.Certificate, who string) {
	t.Helper()
	server.Client().Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{certificate}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Remote-User", who)
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != who {
		t.Errorf("%s is taken for %q, error %v", who, body, err)
	}
}

func ownCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	chain, key, err := cert.GenerateSelfSignedCertKey("client", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		t.Fatal(err)
	}
	if pair.Leaf, err = x509.ParseCertificate(pair.Certificate[0]); err != nil {
		t.Fatal(err)
	}
	return pair
}
