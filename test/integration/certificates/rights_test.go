package certificates

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// TestMissingRight takes a right away. The log names it; without a right to the Secret the server is not ready, because the API server would refuse its
// certificate. With the right it does the rest without a restart.
func TestMissingRight(t *testing.T) {
	tests := []struct {
		binding string
		log     []string
		ready   bool
	}{
		{"clusterrolebinding/system:plimsoll:serving-certificate", []string{"no right to the APIService", `verb="get"`, "apiservices.apiregistration.k8s.io", "v1.metrics.k8s.io"}, true},
		{"rolebinding/plimsoll-serving-certificate", []string{"no right to the Secret", `verb="get"`, `resource="secrets"`, secretName}, false},
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
			awaitReady(t, server, tt.ready)
			kubectl(binding, "create", "-f", "-")
			awaitVerified(t, server)
		})
	}
}

// TestUnverifiedAsBefore has no right to the Secret, and APIServices that skip verification: all works as it did.
func TestUnverifiedAsBefore(t *testing.T) {
	resetSecret(t, nil)
	const binding = "rolebinding/plimsoll-serving-certificate"
	saved, err := env.Run(t.Context(), "", "get", "-n", namespace, binding, "-o", "json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := env.Run(t.Context(), "", "delete", "-n", namespace, binding); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := env.Run(context.WithoutCancel(t.Context()), saved, "create", "-f", "-"); err != nil {
			t.Error(err)
		}
	})
	server := launch(t)
	register(t, server, func(s *apiregistrationv1.APIService) { s.Spec.InsecureSkipTLSVerify = true })
	awaitLog(t, server, "no right to the Secret", secretName)
	awaitReady(t, server, true)
	poll.Eventually(t, within, func(ctx context.Context) error {
		_, err := cluster.Fetch(ctx, env.AdminConfig(), "/apis/metrics.k8s.io/v1/nodes")
		return err
	})
	s, err := apiServices(t).Get(t.Context(), objectName("v1"), metav1.GetOptions{})
	if err != nil || !s.Spec.InsecureSkipTLSVerify || len(s.Spec.CABundle) > 0 {
		t.Errorf("the APIService was changed: %+v, %v", s.Spec, err)
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
	awaitReady(t, server, false)
	manifest, err := env.Base(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if out, err := env.Run(t.Context(), "", "apply", "-f", manifest+"/serving-certificate-secret.yaml"); err != nil || !strings.Contains(out, "created") {
		t.Fatalf("%v\n%s", err, out)
	}
	awaitVerified(t, server)
}
