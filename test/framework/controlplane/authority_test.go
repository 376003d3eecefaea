package controlplane

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/util/cert"
)

func TestAuthorityIssues(t *testing.T) {
	ours, other := testAuthority(t), testAuthority(t)
	client, err := ours.client("ann", "readers", "writers")
	if err != nil {
		t.Fatal(err)
	}
	server, err := ours.server([]string{"plimsoll.monitoring.svc"}, []net.IP{net.ParseIP(loopback)})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		pair  pair
		trust *authority
		use   x509.VerifyOptions
		valid bool
	}{
		{"a client's", client, ours, usedFor(x509.ExtKeyUsageClientAuth), true},
		{"a client's as a server's", client, ours, usedFor(x509.ExtKeyUsageServerAuth), false},
		{"a client's under another authority", client, other, usedFor(x509.ExtKeyUsageClientAuth), false},
		{"a server's", server, ours, usedFor(x509.ExtKeyUsageServerAuth), true},
		{"a server's for its name", server, ours, x509.VerifyOptions{DNSName: "plimsoll.monitoring.svc"}, true},
		{"a server's for its address", server, ours, x509.VerifyOptions{DNSName: loopback}, true},
		{"a server's for another name", server, ours, x509.VerifyOptions{DNSName: "localhost"}, false},
		{"a server's as a client's", server, ours, usedFor(x509.ExtKeyUsageClientAuth), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.use.Roots = x509.NewCertPool()
			test.use.Roots.AppendCertsFromPEM(test.trust.certPEM())
			_, err := leaf(t, test.pair).Verify(test.use)
			if (err == nil) != test.valid {
				t.Errorf("valid: %t, want %t: %v", err == nil, test.valid, err)
			}
		})
	}
	subject := leaf(t, client).Subject
	if diff := cmp.Diff([]string{"ann", "readers", "writers"}, append([]string{subject.CommonName}, subject.Organization...)); diff != "" {
		t.Errorf("user and groups (-want +got):\n%s", diff)
	}
}

func TestAuthorityKeysFit(t *testing.T) {
	client, err := testAuthority(t).client("ann")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tls.X509KeyPair(client.cert, client.key); err != nil {
		t.Error(err)
	}
}

func testAuthority(t *testing.T) *authority {
	t.Helper()
	a, err := newAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func usedFor(use x509.ExtKeyUsage) x509.VerifyOptions {
	return x509.VerifyOptions{KeyUsages: []x509.ExtKeyUsage{use}}
}

func leaf(t *testing.T, p pair) *x509.Certificate {
	t.Helper()
	certs, err := cert.ParseCertsPEM(p.cert)
	if err != nil {
		t.Fatal(err)
	}
	return certs[0]
}
