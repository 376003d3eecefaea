package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// base is the import path of the manifests, whose folder go list knows from anywhere in the module.
const base = "github.com/plimsoll/plimsoll/manifests"

// Manifests returns the objects of manifests/base with components of manifests/components, as kubectl apply -k would send them.
func (c *Cluster) Manifests(ctx context.Context, components ...string) ([]*unstructured.Unstructured, error) {
	folder, err := c.Base(ctx)
	if err != nil {
		return nil, err
	}
	overlay, err := os.MkdirTemp(c.options.Dir, "overlay-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for an overlay of the manifests: %w", err)
	}
	// kustomize takes no absolute paths.
	folder, err = filepath.Rel(overlay, folder)
	if err != nil {
		return nil, fmt.Errorf("find the way from an overlay to the manifests: %w", err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "resources: [%s]\ncomponents:\n", folder)
	for _, component := range components {
		fmt.Fprintf(&text, "- %s\n", filepath.Join(folder, "..", "components", component))
	}
	if err := os.WriteFile(filepath.Join(overlay, "kustomization.yaml"), []byte(text.String()), 0o600); err != nil {
		return nil, fmt.Errorf("write an overlay of the manifests: %w", err)
	}
	rendered, err := c.Run(ctx, "", "kustomize", overlay)
	if err != nil {
		return nil, err
	}
	return decodeObjects(rendered)
}

func decodeObjects(stream string) (objects []*unstructured.Unstructured, err error) {
	decoder := utilyaml.NewYAMLOrJSONDecoder(strings.NewReader(stream), 4<<10)
	for {
		var object unstructured.Unstructured
		if err := decoder.Decode(&object.Object); errors.Is(err, io.EOF) {
			return objects, nil
		} else if err != nil {
			return nil, fmt.Errorf("read the manifests: %w", err)
		}
		objects = append(objects, &object)
	}
}

// applyRights applies the account and the rights of the manifests, with the Secret that the account may write, and nothing of the deployment.
func (c *Cluster) applyRights(ctx context.Context) error {
	objects, err := c.Manifests(ctx)
	if err != nil {
		return err
	}
	kinds := []string{"Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "Secret"}
	var selected strings.Builder
	for _, object := range objects {
		if !slices.Contains(kinds, object.GetKind()) {
			continue
		}
		text, err := yaml.Marshal(object.Object)
		if err != nil {
			return fmt.Errorf("write %s %s: %w", object.GetKind(), object.GetName(), err)
		}
		fmt.Fprintf(&selected, "---\n%s", text)
	}
	_, err = c.Run(ctx, selected.String(), "apply", "-f", "-")
	return err
}
