package scrape

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
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"
)

// TestAKubeletsTextIsBounded has kubelets write as much as they may where an error repeats it.
func TestAKubeletsTextIsBounded(t *testing.T) {
	long := strings.Repeat("A\x1b[31m\n", 8_000)
	flat := strings.Repeat("A", 60_000)
	for _, tt := range []struct{ name, text, code string }{
		{"status line", flat + "\r\n\r\n", "malformed_http"},
		{"status code", "HTTP/1.1 2xx" + flat + "\r\n\r\n", "malformed_http"},
		{"version", "HTTP/" + flat + " 200 OK\r\n\r\n", "malformed_http"},
		{"field of the header", "HTTP/1.1 200 OK\r\n" + flat + "\r\n\r\n", "malformed_http"},
		{"length", "HTTP/1.1 200 OK\r\nContent-Length: " + flat + "\r\n\r\n", "malformed_http"},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "malformed_http"},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "malformed_http"},
		{"transfer encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + flat + "\r\n\r\n", "malformed_http"},
		{"chunk length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "malformed_http"},
		{"long chunk length", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1", 60_000), "malformed_http"},
		{"chunk without an end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", "malformed_http"},
		{"trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + flat + "\r\n\r\n", "malformed_http"},
		{"redirect", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: http://[" + flat + "\r\n\r\n", "status"},
		{"short of its length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "truncated"},
		{"no HTTP", long, "malformed_http"},
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
			checkBounded(t, fetchOnce(t, server.URL, Access{InsecureTLS: true}, &rest.Config{}), tt.code)
		})
	}
}

// checkBounded checks an error's cause and text: what is ours in it is short.
func checkBounded(t *testing.T, err error, code string) {
	t.Helper()
	if got := causeOf(err).Code; got != code {
		t.Errorf("got the cause %q of %v, want %q", got, err, code)
	}
	if text := err.Error(); len(text) > 400 || strings.ContainsAny(text, "\x1b\n\r") {
		t.Errorf("the error has %d bytes: %.500q", len(text), text)
	}
}

// TestTheNamesOfACertificateAreBounded has a certificate name 2,000 hosts, none of which was asked.
func TestTheNamesOfACertificateAreBounded(t *testing.T) {
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
	server.Config.ErrorLog = quiet()
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	server.StartTLS()
	defer server.Close()
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	config := &rest.Config{TLSClientConfig: rest.TLSClientConfig{CAData: pemOf(certificate)}}
	checkBounded(t, fetchOnce(t, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), Access{}, config), "tls_wrong_name")
}

// TestCausesThatAlternateAreLoggedOnce has a node fail for one reason and another, and succeed in between, for an hour.
func TestCausesThatAlternateAreLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k, scrapes := newKubelets(), 0
		k.set("a", func(r *http.Request) (*http.Response, error) {
			scrapes++
			return body(r, []int{503, 403, 200}[scrapes%3], "fine")
		})
		manager, logged := startLogged(t, k)
		manager.Set(node("a"))
		<-time.After(time.Hour)
		text := logged()
		for _, line := range []string{`cause="status"`, `cause="forbidden"`, "answers again"} {
			if got := strings.Count(text, line); got < 5 || got > 7 {
				t.Errorf("%s was logged %d times in an hour and %d scrapes, want once in %s", line, got, scrapes, reportPause)
			}
		}
	})
}
