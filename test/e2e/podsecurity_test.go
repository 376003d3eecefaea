//go:build linux

package e2e

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// testPodSecurity has the API server enforce the level restricted in Plimsoll's namespace, in which Plimsoll's own pod runs: it refuses the same pod with one
// privilege more.
func (env *environment) testPodSecurity(t *testing.T) {
	pods := env.client.CoreV1().Pods(serverNamespace)
	running, err := pods.List(t.Context(), metav1.ListOptions{FieldSelector: "status.phase=Running"})
	must(t, err)
	if len(running.Items) == 0 {
		t.Fatal("no pod of Plimsoll runs")
	}
	create := func(spec corev1.PodSpec) error {
		copied := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{GenerateName: "copy-"}, Spec: spec}
		_, err := pods.Create(t.Context(), copied, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		return err
	}
	spec := running.Items[0].Spec
	must(t, create(spec))
	privileged := spec.DeepCopy()
	privileged.Containers[0].SecurityContext.Capabilities.Add = []corev1.Capability{"NET_ADMIN"}
	if err := create(*privileged); !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), `violates PodSecurity "restricted`) {
		t.Errorf("a pod with a capability more is not refused: %v", err)
	}
	progress("the level restricted is enforced, and plimsoll runs in it")
}
