package certificates

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/plimsoll/plimsoll/test/framework/parts"
	"github.com/plimsoll/plimsoll/test/framework/poll"
	"github.com/plimsoll/plimsoll/test/framework/process"
)

// rightsKinds are the kinds of objects that give rights.
var rightsKinds = []string{"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}

// TestCertManager changes from the certificate that Plimsoll makes to one of cert-manager, as docs/certificates.md says. cert-manager makes the
// certificate and writes caBundle. Plimsoll has the files of the Secret and no right to a Secret or an APIService; the API server verifies it, and no request
// fails while the certificate is renewed.
func TestCertManager(t *testing.T) {
	startCertManager(t)
	objects, err := env.Manifests(t.Context(), "certificate-files", "cert-manager")
	if err != nil {
		t.Fatal(err)
	}
	applyObjects(t, objects, 0, append(rightsKinds, "Issuer", "Certificate")...)
	withoutRights(t)
	certificate := &mounted{folder: t.TempDir()}
	certificate.await(t)
	server := launch(t, "--serving-certificate-service=", "--tls-cert-file="+certificate.path("tls.crt"), "--tls-private-key-file="+certificate.path("tls.key"))
	createService(t, service)
	for _, version := range versions {
		unregister(t, version)
		t.Cleanup(func() { unregister(t, version) })
	}
	applyObjects(t, objects, server.Port, "APIService")
	awaitVerified(t, server)
	awaitReady(t, server, true)

	l := startLoad(t, server)
	for range 2 {
		renew(t, certificate)
		want, _ := pem.Decode(certificate.content)
		await(t, server, 1, func(c *x509.Certificate) bool { return bytes.Equal(c.Raw, want.Bytes) })
		// For requests over new connections, and over those from before.
		poll.Throughout(t, 8*time.Second, func(context.Context) error { return nil })
		awaitVerified(t, server)
	}
	l.check(t)
}

// startCertManager runs cert-manager with its own CustomResourceDefinitions. It ends with the test.
func startCertManager(t *testing.T) {
	t.Helper()
	binaries, err := parts.Ensure(t.Context(), os.Stderr, parts.CertManager)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := parts.CertManagerCRDs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kubectl(t, "apply", "--server-side", "-f", folder)
	kubectl(t, "wait", "--for=condition=Established", "--timeout=30s", "crd", "--all")
	p, err := process.Start(process.Options{Name: "cert-manager", Dir: t.TempDir(), Binary: binaries[parts.CertManager], Args: []string{env.AdminKubeconfig()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(20 * time.Second); err != nil {
			t.Error(err)
		}
	})
}

// renew has cert-manager make another certificate, as its command cmctl renew does, and waits until the files have it.
func renew(t *testing.T, certificate *mounted) {
	t.Helper()
	const due = `[{"op":"add","path":"/status/conditions/-","value":{"type":"Issuing","status":"True","reason":"ManuallyTriggered","lastTransitionTime":%q}}]`
	patch := fmt.Sprintf(due, time.Now().UTC().Format(time.RFC3339))
	kubectl(t, "-n", namespace, "patch", "certificate", service, "--subresource=status", "--type=json", "-p", patch)
	certificate.await(t)
}

// applyObjects applies those of the manifests that are of some kinds, with the port of a server on loopback.
func applyObjects(t *testing.T, objects []*unstructured.Unstructured, port int, kinds ...string) {
	t.Helper()
	var text strings.Builder
	for _, o := range objects {
		if !slices.Contains(kinds, o.GetKind()) {
			continue
		}
		document, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "---\n%s", document)
	}
	apply(t, strings.ReplaceAll(text.String(), "port: 443", fmt.Sprint("port: ", port)))
}

func kubectl(t *testing.T, args ...string) {
	t.Helper()
	if out, err := env.Run(t.Context(), "", args...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}
