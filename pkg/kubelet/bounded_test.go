package kubelet

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

// TestTextOfTheKubeletIsBounded has kubelets write as much as they may where an error repeats it.
func TestTextOfTheKubeletIsBounded(t *testing.T) {
	long := strings.Repeat("A\x1b[31m\n", 8_000)
	flat := strings.Repeat("A", 60_000)
	for _, tt := range []struct{ name, text, kind string }{
		{"status line", flat + "\r\n\r\n", "malformed"},
		{"status code", "HTTP/1.1 2xx" + flat + "\r\n\r\n", "malformed"},
		{"version", "HTTP/" + flat + " 200 OK\r\n\r\n", "malformed"},
		{"field of the header", "HTTP/1.1 200 OK\r\n" + flat + "\r\n\r\n", "malformed"},
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: " + flat + "\r\n\r\n", "malformed"},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "malformed"},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "malformed"},
		{"transfer encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + flat + "\r\n\r\n", "malformed"},
		{"chunk length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "malformed"},
		{"long chunk length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1", 60_000), "malformed"},
		{"chunk without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "malformed"},
		{"trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + flat + "\r\n\r\n", "malformed"},
		{"redirect", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[" + flat + "\r\n\r\n", "Found"},
		{"short of its length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "truncated"},
		{"no HTTP", long, "malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				c, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				_, _ = io.WriteString(c, tt.text)
			}))
			defer server.Close()
			checkBounded(t, getOnce(t, server.URL, Config{InsecureTLS: true}, &rest.Config{}), tt.kind)
		})
	}
}

// TestNamesOfACertificateAreBounded has a certificate name 2,000 hosts, none of which is the kubelet's.
func TestNamesOfACertificateAreBounded(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "kubelet"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	for i := range 2_000 {
		template.DNSNames = append(template.DNSNames, fmt.Sprintf("host-%d.example.com", i))
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = discardLog()
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	server.StartTLS()
	defer server.Close()
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	config := &rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: pemOf(certificate)}}
	checkBounded(t, getOnce(t, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), Config{}, config), "wrong name")
}
