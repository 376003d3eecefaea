package cluster

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// podWithResources has a plain init container, a sidecar, a container without resources and one that has ended.
func podWithResources() *corev1.Pod {
	list := func(cpu, memory string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory), "example.com/gpu": resource.MustParse("1")}
	}
	always := corev1.ContainerRestartPolicyAlways
	ended := corev1.ContainerStatus{Name: "ended", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p"},
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever,
			InitContainers: []corev1.Container{
				{Name: "init", Resources: corev1.ResourceRequirements{Requests: list("7", "7Gi")}},
				{Name: "sidecar", RestartPolicy: &always, Resources: corev1.ResourceRequirements{Requests: list("50m", "32Mi")}},
			},
			Containers: []corev1.Container{
				{Name: "ended", Resources: corev1.ResourceRequirements{Requests: list("9", "9Gi")}},
				{Name: "none"},
				{Name: "app", Resources: corev1.ResourceRequirements{Requests: list("100m", "64Mi"), Limits: list("1500m", "1G")}},
				{Name: "odd", Resources: corev1.ResourceRequirements{Requests: list("-1", "-1")}},
			},
		},
		Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{ended}},
	}
}

// TestResourcesAreThoseOfTheContainersWithUsage reads them of an object of the library, and of a list in protobuf.
func TestResourcesAreThoseOfTheContainersWithUsage(t *testing.T) {
	want := map[string]Resources{
		"sidecar": {CPURequest: 50, MemoryRequest: 32 << 20}, "none": {}, "odd": {},
		"app": {CPURequest: 100, CPULimit: 1500, MemoryRequest: 64 << 20, MemoryLimit: 1e9},
	}
	list := &corev1.PodList{Items: []corev1.Pod{*podWithResources()}}
	options := Options{Resources: true}
	var listed *Pod
	if _, err := readPods(bytes.NewReader(encoded(t, list)), fieldsOfPod(true), func(p *corev1.Pod) { listed = options.strip(p) }); err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*Pod{"the object": options.strip(podWithResources()), "in a list": listed} {
		got := map[string]Resources{}
		for i, container := range p.Expected {
			got[container] = p.Resources(i)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestResourcesAreNotKeptUnlessAsked(t *testing.T) {
	p := Options{}.strip(podWithResources())
	if p.resources != (encodedResources{}) || p.Resources(0) != (Resources{}) {
		t.Errorf("kept: %+v", p.Resources(0))
	}
}

// TestResourcesOfAPodThatNoAPIServerHas has containers of one name, so that the order of the names says less than it should.
func TestResourcesOfAPodThatNoAPIServerHas(*testing.T) {
	p := StripWithResources(&corev1.Pod{Spec: corev1.PodSpec{
		InitContainers: []corev1.Container{{Name: "app"}}, Containers: []corev1.Container{{Name: "app"}, {Name: "b"}, {Name: "app"}},
	}})
	for i := range p.Expected {
		_ = p.Resources(i)
	}
}
