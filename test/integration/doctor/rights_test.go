package doctor

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// TestMissingRight deletes a binding of the manifests.
func TestMissingRight(t *testing.T) {
	for binding, right := range map[string]string{
		"clusterrolebinding/system:plimsoll":                     "get nodes/metrics",
		"clusterrolebinding/system:plimsoll:serving-certificate": "patch apiservices.apiregistration.k8s.io v1.metrics.k8s.io",
		"-n=kube-system rolebinding/plimsoll-auth-reader":        "get configmaps extension-apiserver-authentication in kube-system",
	} {
		t.Run(binding, func(t *testing.T) {
			awaitHealthy(t)
			object := strings.Fields(binding)
			saved, err := env.Run(t.Context(), "", append([]string{"get", "-o", "json"}, object...)...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := env.Run(t.Context(), "", append([]string{"delete"}, object...)...); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if _, err := env.Run(context.WithoutCancel(t.Context()), saved, "create", "-f", "-"); err != nil {
					t.Error(err)
				}
				awaitHealthy(t)
			})
			found := awaitFinding(t, "PLM-RBAC-SERVER", right, "PLM-KUBELET-FORBIDDEN")
			if !strings.Contains(found.Cure, "manifests/base") {
				t.Errorf("the cure is %q", found.Cure)
			}
		})
	}
}

// TestUserWithoutRights has a user who may read nothing be told what doctor could not look at, and that the user may not read usage.
func TestUserWithoutRights(t *testing.T) {
	kubeconfig, err := env.KubeconfigFor("stranger")
	if err != nil {
		t.Fatal(err)
	}
	out, complaint, code, err := run(t.Context(), kubeconfig)
	if err != nil || code != 1 || complaint != "" {
		t.Fatalf("exit code %d, %v, %s", code, err, complaint)
	}
	for _, want := range []string{"PLM-RBAC-USER  get nodes.metrics.k8s.io, list nodes.metrics.k8s.io,", "have no right"} {
		if !strings.Contains(out, want) {
			t.Errorf("want %q in:\n%s", want, out)
		}
	}
	var notMade []string
	for line := range strings.Lines(out) {
		if name, rest, _ := strings.Cut(line, " "); strings.HasPrefix(strings.TrimSpace(rest), "not made") {
			notMade = append(notMade, name)
		}
	}
	want := []string{"apiservices", "certificate", "front-proxy", "server-rights", "service", "api", "clocks", "nodes", "autoscalers"}
	if !slices.Equal(notMade, want) {
		t.Errorf("not made: %q, want %q, in:\n%s", notMade, want, out)
	}
}

// TestCouldNotLook has no API server, and arguments that cannot be used.
func TestCouldNotLook(t *testing.T) {
	for name, args := range map[string][]string{
		"no API server":  {"--server=https://127.0.0.1:1"},
		"no kubeconfig":  {"--kubeconfig=/nonexistent"},
		"unknown flag":   {"--unknown"},
		"unknown output": {"--output=yaml"},
		"unknown node":   {"node", "nowhere"},
		"unknown pod":    {"pod", "default/nothing"},
		"half a Service": {"--service=plimsoll"},
	} {
		t.Run(name, func(t *testing.T) {
			out, complaint, code, err := run(t.Context(), env.AdminKubeconfig(), args...)
			if err != nil || code != 2 || !strings.Contains(complaint, "Error: ") || strings.Contains(out, "CHECK") {
				t.Errorf("exit code %d, %v\n%s\n%s", code, err, out, complaint)
			}
		})
	}
}
