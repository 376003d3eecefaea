package doctor

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

// TestServerRights compares the rights that doctor reviews with those that the manifests grant to Plimsoll's account.
func TestServerRights(t *testing.T) {
	granted := []string{
		// Of system:auth-delegator and extension-apiserver-authentication-reader, which Kubernetes itself defines.
		"create tokenreviews.authentication.k8s.io", "create subjectaccessreviews.authorization.k8s.io",
		"get configmaps extension-apiserver-authentication in kube-system", "list configmaps extension-apiserver-authentication in kube-system",
		"watch configmaps extension-apiserver-authentication in kube-system",
	}
	for _, file := range []string{"clusterrole.yaml", "serving-certificate-clusterrole.yaml", "serving-certificate-role.yaml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "manifests", "base", file))
		if err != nil {
			t.Fatal(err)
		}
		var role rbacv1.Role // A ClusterRole has the same fields, and no namespace.
		if err := yaml.Unmarshal(text, &role); err != nil {
			t.Fatal(err)
		}
		for _, rule := range role.Rules {
			granted = append(granted, expand(rule, role.Namespace)...)
		}
	}
	var reviewed []string
	for _, right := range ServerRights(DefaultService()) {
		reviewed = append(reviewed, right.String())
	}
	slices.Sort(granted)
	slices.Sort(reviewed)
	if diff := cmp.Diff(granted, reviewed); diff != "" {
		t.Errorf("(-granted +reviewed):\n%s", diff)
	}
}

func expand(rule rbacv1.PolicyRule, namespace string) (rights []string) {
	names := rule.ResourceNames
	if len(names) == 0 {
		names = []string{""}
	}
	for _, verb := range rule.Verbs {
		for _, resource := range rule.Resources {
			for _, name := range names {
				rights = append(rights, Right{Verb: verb, Group: rule.APIGroups[0], Resource: resource, Namespace: namespace, Name: name}.String())
			}
		}
	}
	return rights
}
