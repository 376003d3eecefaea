package certificates

import (
	"context"
	"strings"
	"testing"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// TestGoBack goes back from an installation that is verified to one that skips verification, as docs/certificates.md says: the API server refuses the old
// APIServices as long as caBundle is there. The new server, which still runs, does not remove what was set again.
func TestGoBack(t *testing.T) {
	resetSecret(t, nil)
	createService(t, service)
	server := launch(t)
	for _, version := range versions {
		unregister(t, version)
		t.Cleanup(func() { unregister(t, version) })
	}
	apply(t, rendered(t, server.Port))
	awaitVerified(t, server)
	old := launch(t, "--serving-certificate-service=", "--cert-dir="+t.TempDir())
	awaitReady(t, old, true)
	before := skipping(rendered(t, old.Port))
	if _, err := env.Run(t.Context(), before, "apply", "-f", "-"); err == nil || !strings.Contains(err.Error(), "may not be true if caBundle is present") {
		t.Errorf("the old APIServices are applied over caBundle: %v, want them to be refused", err)
	}

	back := strings.Join(documents(t, "ClusterRoleBinding"), "\n---\n")
	t.Cleanup(func() {
		if out, err := env.Run(context.WithoutCancel(t.Context()), back, "apply", "-f", "-"); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	kubectl(t, "delete", "clusterrolebinding", "system:plimsoll:serving-certificate")
	kubectl(t, "delete", "apiservice", objectName("v1"), objectName("v1beta1"))
	apply(t, before)
	awaitAvailable(t)
	awaitLog(t, server, "no right to the APIService", objectName("v1"))
	if _, err := cluster.Fetch(t.Context(), env.AdminConfig(), "/apis/metrics.k8s.io/v1/nodes"); err != nil {
		t.Errorf("after the new server has read the APIServices: %v", err)
	}
}
