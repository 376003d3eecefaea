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
	components, err := filepath.Glob(filepath.Join(base, "..", "components", "*"))
	if err != nil || len(components) == 0 {
		t.Fatalf("found no components: %v", err)
	}
	for _, component := range components {
		t.Run(filepath.Base(component), func(t *testing.T) {
			overlay := overlayOf(t, base, component)
			if out, err := kubectl("apply", "-k", overlay); err != nil || !strings.Contains(out, "deployment.apps/plimsoll configured") {
				t.Errorf("apply: %v\n%s", err, out)
			}
		})
	}
	if out, err := kubectl("delete", "--wait=false", "-k", base); err != nil {
		t.Errorf("delete: %v\n%s", err, out)
	}
}

// overlayOf is an overlay that adds a component.
func overlayOf(t *testing.T, base, component string) string {
	dir := t.TempDir()
	relative := func(path string) string {
		r, err := filepath.Rel(dir, path)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	text := fmt.Sprintf("resources: [%s]\ncomponents: [%s]\n", relative(base), relative(component))
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
