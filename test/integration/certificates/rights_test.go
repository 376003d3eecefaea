package certificates

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestMissingRight takes a right away. The server says which one it lacks and is ready; with the right it does the rest without a restart.
func TestMissingRight(t *testing.T) {
	tests := []struct {
		binding string
		log     []string
	}{
		{"clusterrolebinding/system:plimsoll:serving-certificate", []string{"no right to the APIService", `verb="get"`, "apiservices.apiregistration.k8s.io", "v1.metrics.k8s.io"}},
		{"rolebinding/plimsoll-serving-certificate", []string{"no right to the Secret", `verb="get"`, `resource="secrets"`, secretName}},
	}
	for _, tt := range tests {
		t.Run(tt.binding, func(t *testing.T) {
			resetSecret(t, nil)
			kubectl := func(stdin string, args ...string) string {
				t.Helper()
				out, err := env.Run(t.Context(), stdin, args...)
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			binding := kubectl("", "get", "-n", namespace, tt.binding, "-o", "json")
			kubectl("", "delete", "-n", namespace, tt.binding)
			server := launch(t)
			register(t, server, unchanged)
			awaitLog(t, server, tt.log...)
			awaitReady(t, server)
			kubectl(binding, "create", "-f", "-")
			awaitVerified(t, server)
		})
	}
}

// TestSecretIsNotThere has the server need a right to create it, which the manifests do not give.
func TestSecretIsNotThere(t *testing.T) {
	resetSecret(t, nil)
	if err := env.Client.CoreV1().Secrets(namespace).Delete(t.Context(), secretName, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	server := launch(t)
	register(t, server, unchanged)
	awaitLog(t, server, "no right to the Secret", `verb="create"`, secretName)
	awaitReady(t, server)
	manifest, err := env.Base(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if out, err := env.Run(t.Context(), "", "apply", "-f", manifest+"/serving-certificate-secret.yaml"); err != nil || !strings.Contains(out, "created") {
		t.Fatalf("%v\n%s", err, out)
	}
	awaitVerified(t, server)
}
