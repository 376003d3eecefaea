package cluster

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func running() corev1.ContainerState {
	return corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
}

func waiting() corev1.ContainerState {
	return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
}

func ended() corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
}

func TestExpected(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	tests := []struct {
		name       string
		init, main map[string]corev1.ContainerState
		want       []string
		idle       []string
	}{
		{"no status yet", nil, nil, []string{"sidecar", "a", "b"}, nil},
		{"all run", map[string]corev1.ContainerState{"init": ended(), "sidecar": running()}, map[string]corev1.ContainerState{"a": running(), "b": running()}, []string{"sidecar", "a", "b"}, nil},
		{"one has not started", nil, map[string]corev1.ContainerState{"a": waiting(), "b": running()}, []string{"sidecar", "b"}, nil},
		{"one waits to be restarted", nil, map[string]corev1.ContainerState{"crash": waiting(), "b": running()}, []string{"sidecar", "b", "crash"}, []string{"crash"}},
		{"one has ended for good", nil, map[string]corev1.ContainerState{"a": running(), "b": ended()}, []string{"sidecar", "a"}, nil},
		{"the sidecar has ended", map[string]corev1.ContainerState{"sidecar": ended()}, nil, []string{"sidecar", "a", "b"}, []string{"sidecar"}},
		{"nothing runs", map[string]corev1.ContainerState{"sidecar": ended()}, map[string]corev1.ContainerState{"a": ended(), "b": waiting()}, []string{"sidecar"}, []string{"sidecar"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := &corev1.Pod{
				Spec: corev1.PodSpec{
					InitContainers:      []corev1.Container{{Name: "init"}, {Name: "sidecar", RestartPolicy: &always}},
					Containers:          []corev1.Container{{Name: "a"}, {Name: "b"}},
					EphemeralContainers: []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: "debug"}}},
				},
				Status: corev1.PodStatus{InitContainerStatuses: statuses(tt.init), ContainerStatuses: statuses(tt.main)},
			}
			if _, ok := tt.main["crash"]; ok {
				p.Spec.Containers = []corev1.Container{{Name: "b"}, {Name: "crash"}}
			}
			got := Strip(p)
			if diff := cmp.Diff([][]string{tt.want, tt.idle}, [][]string{got.Expected, got.Idle()}); diff != "" {
				t.Errorf("expected and idle containers (-want +got):\n%s", diff)
			}
		})
	}
}

func statuses(states map[string]corev1.ContainerState) []corev1.ContainerStatus {
	var out []corev1.ContainerStatus
	for _, name := range slices.Sorted(maps.Keys(states)) {
		state := states[name]
		s := corev1.ContainerStatus{Name: name, State: state}
		if name == "crash" {
			s.RestartCount = 3
		}
		out = append(out, s)
	}
	return out
}

// fullPod is a pod with more than is kept.
func fullPod(namespace, name, node string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, UID: "uid-of-" + "pod", ResourceVersion: "7",
			CreationTimestamp: metav1.NewTime(time.Unix(1_785_924_000, 0)),
			Labels:            map[string]string{"app": name},
			Annotations:       map[string]string{corev1.MirrorPodAnnotationKey: "hash", "large": "value"},
			ManagedFields:     []metav1.ManagedFieldsEntry{{Manager: "kubectl"}},
			Finalizers:        []string{"keep"},
		},
		Spec:   corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "a", Image: "image"}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
}

func TestStripPod(t *testing.T) {
	full := fullPod("ns", "p", "n1")
	informer := newInformer(Strip, newPods())
	got, err := informer.stripped(full)
	if err != nil {
		t.Fatal(err)
	}
	want := &Pod{
		Namespace: "ns", Name: "p", UID: "uid-of-pod", Created: 1_785_924_000, Labels: NewLabels(map[string]string{"app": "p"}),
		Node: "n1", Phase: corev1.PodRunning, Static: true, Expected: []string{"a"},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b Labels) bool { return a == b }), cmpopts.IgnoreFields(Pod{}, "Usage"), cmpopts.IgnoreUnexported(Pod{})); diff != "" {
		t.Errorf("stripped pod (-want +got):\n%s", diff)
	}
	if got.Usage == nil {
		t.Error("the pod has no cell")
	}
	if again, err := informer.stripped(wrapper[*Pod]{got}); again != got || err != nil {
		t.Errorf("a stripped pod became %v, %v", again, err)
	}
	if other, err := informer.stripped("p"); err == nil {
		t.Errorf("a string became %v", other)
	}
}
