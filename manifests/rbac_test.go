package manifests

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// authority is any RBAC object: a role has rules, a binding has subjects and a role.
type authority struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Rules             []rbacv1.PolicyRule `json:"rules,omitempty"`
	RoleRef           *rbacv1.RoleRef     `json:"roleRef,omitempty"`
	Subjects          []rbacv1.Subject    `json:"subjects,omitempty"`
}

// TestRBAC pins every right that the manifests give, and its subjects, in a form that a reviewer can read.
func TestRBAC(t *testing.T) {
	var text strings.Builder
	for _, dir := range []string{"base", "components/priority-and-fairness"} {
		fmt.Fprintf(&text, "# %s\n", dir)
		for _, path := range objectFiles(t, dir) {
			if isRBAC(t, path) {
				text.WriteString(describe(read[authority](t, path)))
			}
		}
	}
	golden(t, "rbac.txt", text.String())
}

func isRBAC(t *testing.T, path string) bool {
	t.Helper()
	return strings.Contains(string(readFile(t, path)), "apiVersion: "+rbacv1.SchemeGroupVersion.String())
}

func describe(a authority) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s\n", a.Kind, strings.TrimPrefix(a.Namespace+"/"+a.Name, "/"))
	for _, label := range slices.Sorted(maps.Keys(a.Labels)) {
		if strings.Contains(label, "/aggregate-to-") {
			fmt.Fprintf(&text, "  aggregated: %s=%s\n", label, a.Labels[label])
		}
	}
	for _, r := range a.Rules {
		fmt.Fprintf(&text, "  may %q %q of %q", r.Verbs, r.Resources, r.APIGroups)
		fmt.Fprintf(&text, ", names %q, paths %q\n", r.ResourceNames, r.NonResourceURLs)
	}
	if a.RoleRef != nil {
		fmt.Fprintf(&text, "  gives %s %s\n", a.RoleRef.Kind, a.RoleRef.Name)
	}
	for _, s := range a.Subjects {
		fmt.Fprintf(&text, "  to %s %s/%s\n", s.Kind, s.Namespace, s.Name)
	}
	return text.String()
}
