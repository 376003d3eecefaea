package kubelet

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	// chain is what a server presents behind its own certificate.
	chain [][]byte
}

// newAuthority returns one that signs itself, or that another one has signed.
func newAuthority(t *testing.T, parent *authority) *authority {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	if parent != nil {
		template.Subject.CommonName = "intermediate"
		issued := parent.issue(t, template)
		return &authority{issued.Leaf, issued.PrivateKey.(*ecdsa.PrivateKey), issued.Certificate[:1]}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issued := (&authority{template, key, nil}).issue(t, template)
	return &authority{issued.Leaf, issued.PrivateKey.(*ecdsa.PrivateKey), nil}
}

// issue returns a certificate of a key of its own; that of the authority where it signs itself.
func (a *authority) issue(t *testing.T, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key := a.key
	if template != a.certificate {
		var err error
		if key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: append([][]byte{raw}, a.chain...), PrivateKey: key, Leaf: leaf}
}

// kubeletCertificate is the template of a serving certificate.
func kubeletCertificate(name string, group []string, change func(*x509.Certificate)) *x509.Certificate {
	c := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name, Organization: group},
		NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(c)
	}
	return c
}

// TestIdentityOfAKubelet has a kubelet of node n1 at 127.0.0.1 present certificates. What the token is sent to is what is verified.
func TestIdentityOfAKubelet(t *testing.T) {
	trusted, other := newAuthority(t, nil), newAuthority(t, nil)
	intermediate := newAuthority(t, trusted)
	nodes := []string{nodesGroup}
	dns := func(names ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.DNSNames = names }
	}
	ip := func(text string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP(text)} }
	}
	names := []string{"n1", "127.0.0.1", "10.0.0.1", "[fd00::1]", "n1.example.com"}
	for _, tt := range []struct {
		name     string
		signer   *authority
		template *x509.Certificate
		names    []string
		// byName and byAddress are the kinds of error with either verification; empty where the certificate is accepted.
		byName, byAddress string
	}{
		{"issued for the node, with no address", trusted, kubeletCertificate("system:node:n1", nodes, dns("elsewhere")), names, "", "wrong name"},
		{"issued for the node, with its address", trusted, kubeletCertificate("system:node:n1", nodes, ip("127.0.0.1")), names, "", ""},
		{"through an intermediate authority", intermediate, kubeletCertificate("system:node:n1", nodes, ip("127.0.0.1")), names, "", ""},
		{"the node's user name without the group", trusted, kubeletCertificate("system:node:n1", nil, dns("elsewhere")), names, "wrong name", "wrong name"},
		{"the name of the node", trusted, kubeletCertificate("n1@1700000000", nil, dns("n1")), names, "", "wrong name"},
		{"another address of the node", trusted, kubeletCertificate("kubelet", nil, ip("10.0.0.1")), names, "", "wrong name"},
		{"an IPv6 address of the node", trusted, kubeletCertificate("kubelet", nil, ip("fd00::1")), names, "", "wrong name"},
		{"a host name of the node", trusted, kubeletCertificate("kubelet", nil, dns("n1.example.com")), names, "", "wrong name"},
		{"the address that is dialled", trusted, kubeletCertificate("kubelet", nil, ip("127.0.0.1")), names, "", ""},
		{"issued for another node, which had the address before", trusted, kubeletCertificate("system:node:n2", nodes, ip("127.0.0.1")), names, "other node", ""},
		{"of another node without the group, with the node's name", trusted, kubeletCertificate("system:node:n2", nil, dns("n1")), names, "other node", "wrong name"},
		{"a node whose name begins like this one", trusted, kubeletCertificate("system:node:n11", nodes, dns("n11")), names, "other node", "wrong name"},
		{"another name", trusted, kubeletCertificate("kubelet", nodes, dns("n2")), names, "wrong name", "wrong name"},
		{"another authority", other, kubeletCertificate("system:node:n1", nodes, ip("127.0.0.1")), names, "unknown authority", "unknown authority"},
		{"for clients", trusted, kubeletCertificate("system:node:n1", nodes, func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
			c.IPAddresses = []net.IP{net.ParseIP("127.0.0.1")}
		}), names, "unverified", "unverified"},
		{"expired", trusted, kubeletCertificate("system:node:n1", nodes, func(c *x509.Certificate) {
			c.NotAfter = time.Now().Add(-time.Minute)
			c.IPAddresses = []net.IP{net.ParseIP("127.0.0.1")}
		}), names, "unverified", "unverified"},
		{"of a connection without names", trusted, kubeletCertificate("system:node:n1", nodes, ip("127.0.0.1")), nil, "wrong name", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, verification := range []struct {
				config Config
				want   string
			}{
				{Config{VerifyNodeName: true}, tt.byName},
				{Config{}, tt.byAddress},
				{Config{VerifyNodeName: true, InsecureTLS: true}, ""},
			} {
				config, want := verification.config, verification.want
				tokens := 0
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Authorization") == "Bearer secret" {
						tokens++
					}
				}))
				server.Config.ErrorLog = discardLog()
				server.TLS = &tls.Config{Certificates: []tls.Certificate{tt.signer.issue(t, tt.template)}}
				server.StartTLS()
				cluster := &rest.Config{BearerToken: "secret", TLSClientConfig: rest.TLSClientConfig{CAData: pemOf(trusted.certificate)}}
				err := getNamed(t, server.URL, config, cluster, tt.names)
				server.Close()
				if got := kindOf(err); got != want || (tokens > 0) != (want == "") {
					t.Errorf("%+v: got the kind %q, want %q, and the token was sent %d times: %v", config, got, want, tokens, err)
				}
			}
		})
	}
}

// getNamed requests a URL over a connection to a kubelet with names.
func getNamed(t *testing.T, url string, c Config, cluster *rest.Config, names []string) error {
	t.Helper()
	c.Policy.AllowLocal = true
	conn := Conn{Names: names}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	body, _, err := newTestClient(t, c, cluster).Get(ctx, &conn, url, 1000)
	if err == nil {
		body.Close()
	}
	return err
}

// TestCertificateOfAnotherNodeLeadsToTheNextAddress has the first address taken over by another node.
func TestCertificateOfAnotherNodeLeadsToTheNextAddress(t *testing.T) {
	trusted := newAuthority(t, nil)
	at := func(node string) string {
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		server.Config.ErrorLog = discardLog()
		template := kubeletCertificate(userPrefix+node, []string{nodesGroup}, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.ParseIP("127.0.0.1")} })
		server.TLS = &tls.Config{Certificates: []tls.Certificate{trusted.issue(t, template)}}
		server.StartTLS()
		t.Cleanup(server.Close)
		return server.Listener.Addr().String()
	}
	taken, own := at("n2"), at("n1")
	client := newTestClient(t, Config{VerifyNodeName: true, Policy: loopbackPolicy},
		&rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: pemOf(trusted.certificate)}})
	conn := Conn{Names: []string{"n1", "127.0.0.1"}, Addresses: []string{taken, own}}
	defer conn.Close()
	for range 2 {
		if _, err := get(t, client, &conn, "https://"+taken, testTimeout); err != nil {
			t.Fatal(err)
		}
		if conn.persistent.address != own {
			t.Errorf("connected to %s, want %s", conn.persistent.address, own)
		}
	}
}
