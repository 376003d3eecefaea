package podmetrics

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/usage"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// measure returns what a pod used, whole or not at all: an autoscaler sums whatever containers it is given.
func measure(pod *cluster.Pod, usages Usages) (metrics.PodMetrics, bool) {
	if ended(pod) {
		return metrics.PodMetrics{}, false
	}
	used, ok := usages.Pod(pod.Node, pod.Namespace, pod.Name, string(pod.UID))
	if !ok || used.Time.IsZero() || used.Window <= 0 || !whole(used.Containers, pod.Expected) {
		return metrics.PodMetrics{}, false
	}
	containers, ok := containerMetrics(used.Containers)
	if !ok {
		return metrics.PodMetrics{}, false
	}
	return metrics.PodMetrics{
		ObjectMeta: usage.ObjectMeta(pod, used.Generation),
		Timestamp:  metav1.NewTime(used.Time),
		Window:     metav1.Duration{Duration: used.Window},
		Containers: containers,
	}, true
}

// whole says whether the numbers are of every container that should have some now, and of one at least: one may have started since
// they came, or all have ended.
func whole(used []store.ContainerUsage, expected []string) bool {
	if len(expected) == 0 {
		return false
	}
	for _, name := range expected {
		if !slices.ContainsFunc(used, func(c store.ContainerUsage) bool { return c.Name == name }) {
			return false
		}
	}
	return true
}

// containerMetrics is false where there is no container, or one of them has a number that cannot be served.
func containerMetrics(used []store.ContainerUsage) ([]metrics.ContainerMetrics, bool) {
	containers := make([]metrics.ContainerMetrics, len(used))
	for i, c := range used {
		resources, ok := usage.Resources(c.CPU, c.Memory)
		if !ok || !usage.AddBytes(resources, usage.Swap, c.Swap, c.HasSwap) ||
			!usage.AddBytes(resources, corev1.ResourceEphemeralStorage, c.Disk, c.HasDisk) {
			return nil, false
		}
		containers[i] = metrics.ContainerMetrics{Name: c.Name, Usage: resources}
	}
	return containers, len(containers) > 0
}

// ended says whether the pod is over. Its last numbers would be taken for use that still goes on.
func ended(pod *cluster.Pod) bool {
	return pod.Phase == corev1.PodSucceeded || pod.Phase == corev1.PodFailed
}

func row(object runtime.Object) (usage.Row, bool) {
	pod, ok := object.(*metrics.PodMetrics)
	if !ok {
		return usage.Row{}, false
	}
	used := make([]corev1.ResourceList, len(pod.Containers))
	for i := range pod.Containers {
		used[i] = pod.Containers[i].Usage
	}
	return usage.Row{Usage: used, Window: pod.Window, Timestamp: pod.Timestamp}, true
}
