package docs_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/plimsoll/plimsoll/test/docs"
)

// kustomization has the fields that the pages use.
type kustomization struct {
	metav1.TypeMeta `json:",inline"`
	Resources       []string
	Components      []string
	Namespace       string
	Patches         []struct {
		Target map[string]string
		Patch  string
	}
	Transformers []string
}

// kinds are the types of the examples, by apiVersion and kind.
var kinds = map[string]func() any{
	"v1 ServiceAccount":                               func() any { return &corev1.ServiceAccount{} },
	"v1 Secret":                                       func() any { return &corev1.Secret{} },
	"autoscaling/v2 HorizontalPodAutoscaler":          func() any { return &autoscalingv2.HorizontalPodAutoscaler{} },
	"rbac.authorization.k8s.io/v1 ClusterRole":        func() any { return &rbacv1.ClusterRole{} },
	"rbac.authorization.k8s.io/v1 ClusterRoleBinding": func() any { return &rbacv1.ClusterRoleBinding{} },
	"kustomize.config.k8s.io/v1beta1 Kustomization":   func() any { return &kustomization{} },
}

// TestYAML decodes each block into its type. A field that the type does not have is an error: an API server may drop it silently.
func TestYAML(t *testing.T) {
	seen := 0
	for _, page := range pages(t) {
		blocks, err := docs.Blocks(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks {
			if b.Info != "yaml" {
				continue
			}
			seen++
			t.Run(fmt.Sprintf("%s:%d", b.File, b.Line), func(t *testing.T) {
				for document := range strings.SplitSeq(strings.Join(b.Lines, "\n"), "\n---\n") {
					decode(t, []byte(document))
				}
			})
		}
	}
	if seen == 0 {
		t.Error("no page has a block of YAML")
	}
}

func decode(t *testing.T, document []byte) {
	t.Helper()
	var meta metav1.TypeMeta
	if err := yaml.Unmarshal(document, &meta); err != nil {
		t.Fatal(err)
	}
	kind := kinds[meta.APIVersion+" "+meta.Kind]
	if kind == nil {
		t.Fatalf("%s of %s is not known to this test: add its type", meta.Kind, meta.APIVersion)
	}
	object := kind()
	if err := yaml.UnmarshalStrict(document, object); err != nil {
		t.Fatal(err)
	}
	if overlay, ok := object.(*kustomization); ok {
		decodePatches(t, overlay)
	}
}

func decodePatches(t *testing.T, overlay *kustomization) {
	t.Helper()
	for _, p := range overlay.Patches {
		var operations []struct {
			Op, Path string
			Value    any
		}
		if err := yaml.UnmarshalStrict([]byte(p.Patch), &operations); err != nil {
			t.Errorf("the patch of %v: %v", p.Target, err)
		}
	}
}

func pages(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		found[i] = "docs/" + filepath.Base(found[i])
	}
	return found
}
