package fleet

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	"k8s.io/client-go/tools/cache"
)

// runningPod is a pod as the API server has it, with one container that runs since the epoch.
func runningPod(uid, node string, annotations map[string]string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1", UID: types.UID(uid), Annotations: annotations},
		Spec:       corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "web"}}},
		Status: corev1.PodStatus{
			Phase:             corev1.PodRunning,
			ContainerStatuses: []corev1.ContainerStatus{runningStatus("web", epoch)},
		},
	}
}

func runningStatus(name string, started time.Time) corev1.ContainerStatus {
	return corev1.ContainerStatus{Name: name, State: corev1.ContainerState{
		Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(started)},
	}}
}

func TestFleetFollowsPods(t *testing.T) {
	api := fake.NewClientset()
	f, clock := newFleet(t, Options{Nodes: 2, Client: api})
	start(t, f)
	pods := api.CoreV1().Pods("shop")
	truth := func() (cpu float64) {
		cpu, _, ok := f.Truth("shop", "web-1", "web")
		if !ok {
			return -1
		}
		return cpu
	}
	foreign := runningPod("f", "a-real-node", nil)
	foreign.Name = "foreign"
	if _, err := pods.Create(t.Context(), foreign, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	pending := runningPod("a", "node-0002", map[string]string{AnnotationCPU: "250m"})
	pending.Status = corev1.PodStatus{Phase: corev1.PodPending}
	if _, err := pods.Create(t.Context(), pending, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}

	steps := []struct {
		name string
		pod  *corev1.Pod
		want float64
	}{
		{"it runs", runningPod("a", "node-0002", map[string]string{AnnotationCPU: "250m"}), 0.25},
		{"its annotation changes", runningPod("a", "node-0002", map[string]string{AnnotationCPU + ".web": "2"}), 2},
		{"it shares a load", runningPod("a", "node-0002", map[string]string{AnnotationLoadGroup: "web"}), 0.7},
		{"it is another pod on another node", runningPod("b", "node-0001", map[string]string{AnnotationCPU: "50m"}), 0.05},
	}
	if err := f.SetLoad("shop/web", 0.7); err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		clock.Step(time.Second)
		if _, err := pods.Update(t.Context(), step.pod, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
		t.Run(step.name, func(t *testing.T) { waitFor(t, func() bool { return truth() == step.want }) })
	}
	if got := f.Pods(); len(got) != 1 || got[0].Node != "node-0001" || got[0].UID != "b" {
		t.Errorf("pods are %+v", got)
	}
	if n := len(f.nodes[1].pods); n != 0 {
		t.Errorf("the node that the pod left still has %d pods", n)
	}

	ended := runningPod("b", "node-0001", nil)
	ended.Status.Phase = corev1.PodSucceeded
	if _, err := pods.Update(t.Context(), ended, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return truth() == -1 })
	if _, err := pods.Update(t.Context(), runningPod("b", "node-0001", nil), metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return truth() > 0 })
	if err := pods.Delete(t.Context(), "web-1", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return truth() == -1 })
}

func TestUnfollowHandlesMissedDeletions(t *testing.T) {
	f, _ := newFleet(t, Options{})
	pod := runningPod("a", "node-0001", nil)
	f.follow(t.Context(), pod)
	f.unfollow(cache.DeletedFinalStateUnknown{Key: "shop/web-1", Obj: pod})
	if got := f.Pods(); len(got) != 0 {
		t.Errorf("pods are %+v", got)
	}
}

func TestRunningContainers(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	spec := corev1.PodSpec{
		InitContainers: []corev1.Container{{Name: "init"}, {Name: "sidecar", RestartPolicy: &always}},
		Containers:     []corev1.Container{{Name: "web"}, {Name: "proxy"}},
	}
	done := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{}}
	later := epoch.Add(time.Minute)
	tests := []struct {
		name   string
		status corev1.PodStatus
		want   []Container
	}{
		{"no statuses", corev1.PodStatus{}, []Container{{Name: "sidecar"}, {Name: "web"}, {Name: "proxy"}}},
		{"those that run", corev1.PodStatus{
			InitContainerStatuses:      []corev1.ContainerStatus{{Name: "init", State: done}, runningStatus("sidecar", epoch)},
			ContainerStatuses:          []corev1.ContainerStatus{runningStatus("web", later), {Name: "proxy", State: waiting}},
			EphemeralContainerStatuses: []corev1.ContainerStatus{runningStatus("debug", later)},
		}, []Container{{Name: "sidecar", Start: epoch}, {Name: "web", Start: later}, {Name: "debug", Start: later}}},
		{"none runs", corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "web", State: waiting}}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.status.Phase = corev1.PodRunning
			stripped, err := stripPod(&corev1.Pod{Spec: spec, Status: test.status})
			if err != nil {
				t.Fatal(err)
			}
			got := runningContainers(stripped.(*corev1.Pod))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("containers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStripPodKeepsOnlyOurAnnotations(t *testing.T) {
	pod := runningPod("a", "node-0001", map[string]string{AnnotationCPU: "1", "example.com/note": "long"})
	stripped, err := stripPod(pod)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{AnnotationCPU: "1"}, stripped.(*corev1.Pod).Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}

func TestAnnotations(t *testing.T) {
	defaultCPU, defaultMemory := defaultUse("shop", "web-1", "web")
	tests := []struct {
		name        string
		annotations map[string]string
		cpu         float64
		memory      uint64
		swap        uint64
		fails       bool
	}{
		{"none", nil, defaultCPU, defaultMemory, 0, false},
		{"of the pod", map[string]string{"plimsoll.dev/cpu": "250m", "plimsoll.dev/memory": "64Mi"}, 0.25, 64 << 20, 0, false},
		{"swap space", map[string]string{"plimsoll.dev/swap": "8Mi", "plimsoll.dev/swap.proxy": "9Mi"}, defaultCPU, defaultMemory, 8 << 20, false},
		{"of the container", map[string]string{"plimsoll.dev/cpu": "1", "plimsoll.dev/cpu.web": "100m", "plimsoll.dev/memory.web": "1G"}, 0.1, 1e9, 0, false},
		{"of another container", map[string]string{"plimsoll.dev/cpu.proxy": "1"}, defaultCPU, defaultMemory, 0, false},
		{"zero", map[string]string{"plimsoll.dev/cpu": "0", "plimsoll.dev/memory": "0"}, 0, 0, 0, false},
		{"nonsense", map[string]string{"plimsoll.dev/cpu": "fast", "plimsoll.dev/memory": "big", "plimsoll.dev/swap": "none"}, defaultCPU, defaultMemory, 0, true},
		{"negative", map[string]string{"plimsoll.dev/cpu": "-1", "plimsoll.dev/memory": "-1"}, defaultCPU, defaultMemory, 0, true},
		{"too much", map[string]string{"plimsoll.dev/cpu": "1M"}, defaultCPU, defaultMemory, 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pod := webPod("a", 9, 9)
			err := applyAnnotations(&pod, test.annotations)
			if fails := err != nil; fails != test.fails {
				t.Errorf("error is %v", err)
			}
			if c := pod.Containers[0]; math.Abs(c.CPU-test.cpu) > 1e-12 || c.Memory != test.memory || c.Swap != test.swap {
				t.Errorf("uses %g cores, %d bytes and %d of swap space, want %g, %d and %d", c.CPU, c.Memory, c.Swap, test.cpu, test.memory, test.swap)
			}
		})
	}
}

func TestDefaultUseIsInRange(t *testing.T) {
	seen := map[float64]bool{}
	for i := range 1000 {
		cpu, memory := defaultUse("shop", NodeName("web", i), "web")
		if cpu < 0.005 || cpu > 0.2 || memory < 16<<20 || memory > 256<<20 {
			t.Fatalf("%d uses %g cores and %d bytes", i, cpu, memory)
		}
		seen[cpu] = true
	}
	if len(seen) < 150 {
		t.Errorf("a thousand containers have only %d different rates", len(seen))
	}
}
