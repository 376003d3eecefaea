package cluster

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// BenchmarkMemory counts the bytes that a pod of the cluster takes here, with its name, its labels, its containers and its share of the
// indexes: 30 pods on each node, three labels, one and two containers. docs/performance.md has the result.
func BenchmarkMemory(b *testing.B) {
	const size = 30_000
	for _, containers := range []int{1, 2} {
		for _, options := range []Options{{}, {Resources: true}} {
			b.Run(fmt.Sprintf("containers=%d,resources=%t", containers, options.Resources), func(b *testing.B) {
				for b.Loop() {
					before, pods := heap(), newPods()
					for i := range size {
						pods.set(options.strip(podOfACluster(i, containers)))
					}
					b.ReportMetric(float64(heap()-before)/size, "bytes/pod")
					runtime.KeepAlive(pods)
				}
			})
		}
	}
}

func podOfACluster(i, containers int) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: fmt.Sprintf("team-%d", i%50), Name: fmt.Sprintf("workload-%d-6d5f7c9b84-x%05d", i/replicas, i),
			UID:    types.UID(fmt.Sprintf("0b8f7f9e-7d0c-4e0f-9d1c-%012d", i)),
			Labels: map[string]string{"app": fmt.Sprintf("workload-%d", i/replicas), "tier": "backend", "pod-template-hash": "6d5f7c9b84"},
		},
		Spec:   corev1.PodSpec{NodeName: fmt.Sprintf("node-%04d", i/replicas)},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
	started := metav1.NewTime(time.Unix(1_785_924_000+int64(i), 0))
	for _, name := range []string{"app", "mesh-proxy"}[:containers] {
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: name, Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: *resource.NewQuantity(int64(i/replicas)<<20, resource.BinarySI)},
			Limits:   corev1.ResourceList{corev1.ResourceMemory: *resource.NewQuantity(int64(i/replicas)<<21, resource.BinarySI)},
		}})
		p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{
			Name: name, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}},
		})
	}
	return p
}

// heap is how many bytes are in use after a collection.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // What has a finalizer or lies in a pool goes with the second.
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
