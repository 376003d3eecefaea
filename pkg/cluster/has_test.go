package cluster

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestHas is true for the containers of which a kubelet may report what is of use.
func TestHas(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	pod := Strip(&corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "1"},
		Spec: corev1.PodSpec{
			RestartPolicy:       corev1.RestartPolicyNever,
			InitContainers:      []corev1.Container{{Name: "prepare"}, {Name: "sidecar", RestartPolicy: &always}},
			Containers:          []corev1.Container{{Name: "app"}, {Name: "late"}, {Name: "ended"}},
			EphemeralContainers: []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug"}}},
		},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning,
			ContainerStatuses: []corev1.ContainerStatus{
				{Name: "late", State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}},
				{Name: "ended", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}},
			},
		},
	})
	for name, want := range map[string]bool{
		"app": true, "late": true, "sidecar": true, "prepare": false, "ended": false, "debug": false, "other": false,
	} {
		if got := pod.Has(name); got != want {
			t.Errorf("container %s: %t, want %t", name, got, want)
		}
	}
}
