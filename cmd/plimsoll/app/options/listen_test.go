package options_test

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/server/healthz"
)

// TestLookupFailure starts although the API server does not return how clients are authenticated. Unless the flag tolerates that, the process is not
// ready until it does, and serves probes alone.
func TestLookupFailure(t *testing.T) {
	f := newFiles(t)
	for _, tolerate := range []bool{false, true} {
		t.Run(fmt.Sprint(tolerate), func(t *testing.T) {
			o := parse(t, append(f.usual(), "--cert-dir="+f.dir, "--bind-address=127.0.0.1", "--secure-port="+freePort(t),
				"--authentication-kubeconfig="+f.kubeconfig("forbidden"), fmt.Sprintf("--authentication-tolerate-lookup-failure=%v", tolerate))...)
			defer apply(t, o)()
			generic, err := o.GenericConfig(t.Context(), serializer.NewCodecFactory(runtime.NewScheme()))
			if err != nil {
				t.Fatal(err)
			}
			defer generic.SecureServing.Listener.Close()
			ready := !slices.ContainsFunc(generic.ReadyzChecks, func(c healthz.HealthChecker) bool { return c.Name() == "authentication" && c.Check(nil) != nil })
			if ready != tolerate {
				t.Errorf("ready: %t, want %t", ready, tolerate)
			}
			for path, want := range map[string]bool{"/livez": true, "/readyz": true, "/healthz": true, "/metrics": tolerate, "/livez/ping": tolerate} {
				_, ok, err := generic.Authentication.Authenticator.AuthenticateRequest(httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
				if err != nil || ok != want {
					t.Errorf("%s: a client without credentials is let through: %t, want %t, %v", path, ok, want, err)
				}
			}
		})
	}
}

// TestAPIServerGoesAway starts although the API server responds to one request about authentication and not to the next.
func TestAPIServerGoesAway(t *testing.T) {
	f := newFiles(t)
	o := parse(t, append(f.usual(), "--cert-dir="+f.dir, "--bind-address=127.0.0.1", "--secure-port="+freePort(t),
		"--authentication-kubeconfig="+f.kubeconfig("once"))...)
	defer apply(t, o)()
	generic, err := o.GenericConfig(t.Context(), serializer.NewCodecFactory(runtime.NewScheme()))
	if err != nil {
		t.Fatal(err)
	}
	defer generic.SecureServing.Listener.Close()
	if !slices.ContainsFunc(generic.ReadyzChecks, func(c healthz.HealthChecker) bool { return c.Name() == "authentication" && c.Check(nil) != nil }) {
		t.Error("the process is ready")
	}
}

// TestUnusableAuthentication ends at once where no response of an API server would help.
func TestUnusableAuthentication(t *testing.T) {
	f := newFiles(t)
	tests := []struct{ name, flag string }{
		{"no kubeconfig", "--authentication-kubeconfig=" + f.path("garbage")},
		{"missing kubeconfig", "--authentication-kubeconfig=" + f.path("missing")},
		{"no certificate", "--client-ca-file=" + f.path("garbage")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := listen(t, append(f.usual(), "--cert-dir="+f.dir, "--secure-port="+freePort(t), tt.flag)); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestPermitPortSharing(t *testing.T) {
	f := newFiles(t)
	for _, share := range []bool{false, true} {
		t.Run(fmt.Sprint(share), func(t *testing.T) {
			args := append(f.usual(), "--cert-dir="+f.dir, "--secure-port="+freePort(t), fmt.Sprintf("--permit-port-sharing=%v", share))
			if err := listen(t, args); err != nil {
				t.Fatal(err)
			}
			if err := listen(t, args); (err == nil) != share {
				t.Errorf("a second server on the same port: %v", err)
			}
		})
	}
}

// TestNoClientInsideIsTrusted: the library's default is a token in memory that may do everything, for a client of the server's own.
func TestNoClientInsideIsTrusted(t *testing.T) {
	f := newFiles(t)
	o := parse(t, append(f.usual(), "--cert-dir="+f.dir, "--secure-port="+freePort(t), "--bind-address=127.0.0.1")...)
	defer apply(t, o)()
	generic, err := o.GenericConfig(t.Context(), serializer.NewCodecFactory(runtime.NewScheme()))
	if err != nil {
		t.Fatal(err)
	}
	defer generic.SecureServing.Listener.Close()
	if c := generic.LoopbackClientConfig; c.BearerToken != "" || len(c.CertData) > 0 {
		t.Errorf("there is a client that is trusted: %v", c)
	}
	if certs := generic.SecureServing.SNICerts; len(certs) > 0 {
		t.Errorf("there is a certificate of the server's own client: %s", certs[0].Name())
	}
}

// listen builds a configuration, whose port stays open until the test ends.
func listen(t *testing.T, args []string) error {
	t.Helper()
	o := parse(t, append(args, "--bind-address=127.0.0.1")...)
	defer apply(t, o)()
	generic, err := o.GenericConfig(t.Context(), serializer.NewCodecFactory(runtime.NewScheme()))
	if err != nil {
		return err
	}
	t.Cleanup(func() {
		if err := generic.SecureServing.Listener.Close(); err != nil {
			t.Error(err)
		}
	})
	return nil
}

func TestSelfSignedCertificate(t *testing.T) {
	f := newFiles(t)
	dir := f.path("made")
	if err := listen(t, append(f.usual(), "--cert-dir="+dir, "--secure-port="+freePort(t))); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, "apiserver.crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(content)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"plimsoll.plimsoll-system.svc", "localhost", "127.0.0.1", "::1"} {
		if err := cert.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
}

func TestUnwritableCertificateDirectory(t *testing.T) {
	f := newFiles(t)
	err := listen(t, append(f.usual(), "--cert-dir="+f.path("garbage"), "--secure-port="+freePort(t)))
	want := "--cert-dir=" + f.path("garbage") + ": make a serving certificate there (name a writable directory, or give --tls-cert-file and --tls-private-key-file): "
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v does not begin with %q", err, want)
	}
}
