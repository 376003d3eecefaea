//go:build linux

package e2e

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset/typed/apiregistration/v1"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

const servingSecret = "plimsoll-serving-certificate"

// unverifiedOverlay makes of manifests/base what it was before the server had a certificate that clients could verify.
const unverifiedOverlay = `
resources: [MANIFESTS/base]
patches:
- target: {kind: Deployment, name: plimsoll}
  patch: |-
    - {op: test, path: /spec/template/spec/containers/0/args/6, value: --serving-certificate-service=plimsoll}
    - {op: remove, path: /spec/template/spec/containers/0/args/6}
- target: {kind: APIService}
  patch: |-
    - {op: add, path: /spec/insecureSkipTLSVerify, value: true}
- patch: '{"$patch": delete, apiVersion: v1, kind: Secret, metadata: {name: plimsoll-serving-certificate, namespace: plimsoll-system}}'
- patch: '{"$patch": delete, apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: plimsoll-serving-certificate, namespace: plimsoll-system}}'
- patch: '{"$patch": delete, apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: plimsoll-serving-certificate, namespace: plimsoll-system}}'
- patch: '{"$patch": delete, apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: "system:plimsoll:serving-certificate"}}'
- patch: '{"$patch": delete, apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: "system:plimsoll:serving-certificate"}}'
`

// testServingCertificate has the API server verify Plimsoll's own certificate: through a rotation of all keys, and after an upgrade.
func (env *environment) testServingCertificate(t *testing.T) {
	t.Run("Rotated", env.testRotated)
	t.Run("Upgraded", env.testUpgraded)
}

// testRotated empties the Secret, so that all keys are made anew, while the node's metrics are read ten times a second.
func (env *environment) testRotated(t *testing.T) {
	before := env.bundle(t)
	var requests int
	end := time.Now().Add(45 * time.Second)
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		if requests == 20 {
			// As docs/certificates.md says.
			if _, err := env.kubectl(ctx, "", "--namespace", serverNamespace, "patch", "secret", servingSecret, "--type=merge", "-p", `{"data":null}`); err != nil {
				return err
			}
		}
		requests++
		if _, err := env.nodeMetrics(ctx); err != nil {
			t.Errorf("request %d: %v", requests, err)
		}
		if time.Now().Before(end) {
			return errors.New("the time is not over")
		}
		return nil
	})
	if after := env.bundle(t); bytes.Equal(before, after) || !bytes.Contains(after, before) {
		t.Errorf("caBundle has to have a new authority beside the one before:\n%s\nbefore:\n%s", after, before)
	}
	progress("%d requests while all keys of the serving certificate were replaced", requests)
}

// testUpgraded installs Plimsoll as it was, with skipped verification, and applies today's manifests over it.
func (env *environment) testUpgraded(t *testing.T) {
	for _, args := range [][]string{
		{"delete", "apiservice", "v1.metrics.k8s.io", "v1beta1.metrics.k8s.io"},
		{"delete", "clusterrole,clusterrolebinding", "system:plimsoll:serving-certificate"},
		{"delete", "--namespace", serverNamespace, "role,rolebinding,secret", servingSecret},
	} {
		_, err := env.kubectl(t.Context(), "", args...)
		must(t, err)
	}
	env.applyOverlay(t, unverifiedOverlay)
	env.awaitServer(t)
	env.testNodeServed(t)
	begin := time.Now()
	env.install(t)
	progress("the upgrade has taken %s", time.Since(begin).Round(time.Second/10))
	env.bundle(t)
	env.testNodeServed(t)
}

// bundle is caBundle, by which the API server verifies Plimsoll under both versions.
func (env *environment) bundle(t *testing.T) []byte {
	t.Helper()
	client, err := aggregator.NewForConfig(env.plane.AdminConfig())
	must(t, err)
	var bundles [2][]byte
	for n, name := range []string{"v1.metrics.k8s.io", "v1beta1.metrics.k8s.io"} {
		s, err := client.APIServices().Get(t.Context(), name, metav1.GetOptions{})
		must(t, err)
		if bundles[n] = s.Spec.CABundle; s.Spec.InsecureSkipTLSVerify || !isAvailable(s) {
			t.Errorf("%s: skips verification %t, conditions %v", name, s.Spec.InsecureSkipTLSVerify, s.Status.Conditions)
		}
	}
	if len(bundles[0]) == 0 || !bytes.Equal(bundles[0], bundles[1]) {
		t.Errorf("the two APIServices have the bundles\n%s\n%s", bundles[0], bundles[1])
	}
	return bundles[0]
}

func isAvailable(s *apiregistrationv1.APIService) bool {
	for _, c := range s.Status.Conditions {
		if c.Type == apiregistrationv1.Available {
			return c.Status == apiregistrationv1.ConditionTrue
		}
	}
	return false
}
