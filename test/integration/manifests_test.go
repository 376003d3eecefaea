package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/controlplane"
	"github.com/plimsoll/plimsoll/test/framework/parts"
)

// TestManifests applies the manifests as a user would, to an API server of their own.
func TestManifests(t *testing.T) {
	base, err := env.Base(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	binaries, err := parts.Ensure(t.Context(), os.Stderr, parts.Etcd, parts.KubeAPIServer, parts.Kubectl)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	plane, err := controlplane.Start(t.Context(), controlplane.Options{Dir: filepath.Join(dir, "plane"), Binaries: binaries})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	kubectl := func(args ...string) (string, error) { return cluster.Kubectl(t.Context(), plane, dir, "", args...) }
	out, err := kubectl("apply", "-k", base)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(out, " created") < 12 || strings.Contains(strings.ToLower(out), "warning") {
		t.Errorf("apply printed:\n%s", out)
	}
	if out, err := cluster.Kubectl(t.Context(), plane, dir, certManagerKinds, "apply", "-f", "-"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd/issuers.cert-manager.io", "crd/certificates.cert-manager.io"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	components, err := filepath.Glob(filepath.Join(base, "..", "components", "*"))
	if err != nil || len(components) == 0 {
		t.Fatalf("found no components: %v", err)
	}
	for _, component := range components {
		t.Run(filepath.Base(component), func(t *testing.T) {
			if out, err := kubectl("apply", "-k", base); err != nil {
				t.Fatalf("apply the base: %v\n%s", err, out)
			}
			overlay := overlayOf(t, base, needs(component)...)
			if out, err := kubectl("apply", "-k", overlay); err != nil || !takesEffect(component, out) {
				t.Errorf("apply: %v\n%s", err, out)
			}
		})
	}
	for _, overlay := range documented(t, base) {
		t.Run("documented "+filepath.Base(overlay), func(t *testing.T) {
			if out, err := kubectl("apply", "-k", overlay); err != nil || strings.Contains(strings.ToLower(out), "warning") {
				t.Errorf("apply: %v\n%s", err, out)
			}
		})
	}
	if out, err := kubectl("delete", "--wait=false", "-k", base); err != nil {
		t.Errorf("delete: %v\n%s", err, out)
	}
}

// certManagerKinds stand for those of cert-manager: this API server knows the kinds, and not their fields.
const certManagerKinds = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: issuers.cert-manager.io}
spec:
  group: cert-manager.io
  scope: Namespaced
  names: {kind: Issuer, plural: issuers}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: certificates.cert-manager.io}
spec:
  group: cert-manager.io
  scope: Namespaced
  names: {kind: Certificate, plural: certificates}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
`

// documented are the overlays that the documentation shows, word for word.
func documented(t *testing.T, base string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(base, "..", "testdata", "*", "kustomization.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("found no overlays of the documentation: %v", err)
	}
	for i, file := range files {
		files[i] = filepath.Dir(file)
	}
	return files
}

// takesEffect is true where what kubectl apply prints shows the difference to the base: another Deployment, or one APIService only.
func takesEffect(component, printed string) bool {
	if filepath.Base(component) == "v1beta1-only" {
		return strings.Contains(printed, "/v1beta1.metrics.k8s.io ") && !strings.Contains(printed, "/v1.metrics.k8s.io ")
	}
	return strings.Contains(printed, "deployment.apps/plimsoll configured")
}

// needs are the component and those that have to be listed before it.
func needs(component string) []string {
	if filepath.Base(component) == "cert-manager" {
		return []string{filepath.Join(filepath.Dir(component), "certificate-files"), component}
	}
	return []string{component}
}

// overlayOf is an overlay that adds components.
func overlayOf(t *testing.T, base string, components ...string) string {
	dir := t.TempDir()
	relative := func(path string) string {
		r, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for i := range components {
		components[i] = relative(components[i])
	}
	text := fmt.Sprintf("resources: [%s]\ncomponents: [%s]\n", relative(base), strings.Join(components, ", "))
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
