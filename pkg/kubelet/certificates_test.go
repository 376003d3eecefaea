package kubelet

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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"
)

// writePair writes a self-signed client certificate and its key, and returns their files.
func writePair(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
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

// certificateFiles are the files of a client to one kubelet, which responds with the name in the client certificate.
type certificateFiles struct {
	server       *testServer
	client       *Client
	ca, crt, dir string
	conn         Conn
}

func newCertificateFiles(t *testing.T) *certificateFiles {
	f := &certificateFiles{dir: t.TempDir()}
	f.server = newTestServer(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	})
	f.server.TLS.ClientAuth = tls.RequireAnyClientCert
	f.ca = filepath.Join(f.dir, "ca")
	writeFile(t, f.ca, pemOf(f.server.Certificate()))
	cert, key := writePair(t, f.dir, "first")
	f.crt = cert
	f.client = newTestClient(t, Config{CAFile: f.ca, CertFile: cert, KeyFile: key, Policy: loopbackPolicy}, &rest.Config{})
	t.Cleanup(f.conn.Close)
	return f
}

// getLater sends a request for which the files are read again.
func (f *certificateFiles) getLater(t *testing.T) (string, error) {
	t.Helper()
	c := f.client.certificates
	c.mu.Lock()
	c.readAt = time.Now().Add(-reloadInterval)
	c.mu.Unlock()
	return f.server.get(t, &f.conn, f.client)
}

func TestChangedClientCertificateIsUsed(t *testing.T) {
	f := newCertificateFiles(t)
	for range 2 {
		if name, err := f.getLater(t); name != "first" || err != nil {
			t.Fatalf("the kubelet saw %q: %v", name, err)
		}
	}
	if got := f.server.connections.Load(); got != 1 {
		t.Errorf("%d connections while nothing changed", got)
	}
	writePair(t, f.dir, "second")
	if name, err := f.getLater(t); name != "second" || err != nil {
		t.Errorf("after the change the kubelet saw %q: %v", name, err)
	}
	for _, text := range []string{"", "nonsense"} {
		writeFile(t, f.crt, []byte(text))
		if name, err := f.getLater(t); name != "second" || err != nil {
			t.Errorf("with a certificate of %q the kubelet saw %q: %v", text, name, err)
		}
	}
}

func TestChangedAuthorityIsUsed(t *testing.T) {
	f := newCertificateFiles(t)
	if _, err := f.getLater(t); err != nil {
		t.Fatal(err)
	}
	other, _ := writePair(t, t.TempDir(), "another authority")
	text, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, f.ca, text)
	if _, err := f.getLater(t); kindOf(err) != "unknown authority" {
		t.Errorf("an authority that is no longer trusted: %v", err)
	}
	writeFile(t, f.ca, pemOf(f.server.Certificate()))
	if _, err := f.getLater(t); err != nil {
		t.Errorf("trusted again: %v", err)
	}
	// A file is empty while another process writes it. The authorities of the system are not trusted in its place.
	for _, text := range []string{"", "nonsense"} {
		writeFile(t, f.ca, []byte(text))
		if _, err := f.getLater(t); err != nil {
			t.Errorf("with a file of authorities that is %q: %v", text, err)
		}
		f.conn.Close()
	}
}

func TestMissingCertificateFileIsAnErrorAtTheStart(t *testing.T) {
	for _, config := range []Config{{CAFile: "/none"}, {CertFile: "/none", KeyFile: "/none"}} {
		if _, err := NewClient(config, &rest.Config{}, newUnlimitedMemory()); err == nil {
			t.Errorf("%+v has no error", config)
		}
	}
}

// TestLogRepeatsThatKubeletsAreNotVerified has requests for three hours.
func TestLogRepeatsThatKubeletsAreNotVerified(t *testing.T) {
	for _, insecure := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			logger := ktesting.NewLogger(t, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(0)))
			ctx := klog.NewContext(t.Context(), logger)
			client := newTestClient(t, Config{InsecureTLS: insecure}, &rest.Config{})
			for range 3 * 60 {
				client.certificates.current(ctx)
				<-time.After(time.Minute)
			}
			text := logger.GetSink().(ktesting.Underlier).GetBuffer().String()
			if got, want := strings.Count(text, "are not verified"), map[bool]int{true: 3}[insecure]; got != want {
				t.Errorf("insecure %t: logged %d times, want %d:\n%s", insecure, got, want, text)
			}
		})
	}
}
