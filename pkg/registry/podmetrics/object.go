package podmetrics

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// read returns the usage of a complete pod: an autoscaler adds up whatever containers it is given.
func read(pod *cluster.Pod, reader *usage.Reader) (*usage.Pod, bool) {
	if pod.Ended() {
		return nil, false
	}
	used, ok := reader.Pod(pod.Usage, pod.Node)
	if !ok || !serves(pod, used) {
		return nil, false
	}
	return used, true
}

// serves is true where the usage of a pod is served, whatever its age.
func serves(pod *cluster.Pod, used *usage.Pod) bool {
	return !pod.Ended() && used.Node == pod.Node && !used.Time.IsZero() && used.Window > 0 &&
		isComplete(used.Containers, pod.Expected) && countable(used.Containers)
}

// expectsUsage is true where a container of the pod runs, as far as the pod's object says.
func expectsUsage(pod *cluster.Pod) bool {
	return !pod.Ended() && pod.Node != "" && pod.Phase != corev1.PodPending && len(pod.Idle()) < len(pod.Expected)
}

// isComplete is true where every container that is expected now has usage, and one at least is: one may have started since the usage
// was published, or all may have ended.
func isComplete(used []usage.Container, expected []string) bool {
	for i, name := range expected {
		if (i >= len(used) || used[i].Name != name) && !has(used, name) { // Nearly always they come in the same order.
			return false
		}
	}
	return len(expected) > 0
}

func has(used []usage.Container, name string) bool {
	return slices.ContainsFunc(used, func(c usage.Container) bool { return c.Name == name })
}

// countable is false where there is no container, or one of them has a value that cannot be served.
func countable(used []usage.Container) bool {
	for i := range used {
		if c := &used[i]; !generic.Countable(c.CPU, c.Memory, c.Extra) {
			return false
		}
	}
	return len(used) > 0
}

// encoding is how the usage of pods is written.
func encoding() *generic.Encoding[*cluster.Pod, usage.Pod] {
	return &generic.Encoding[*cluster.Pod, usage.Pod]{
		Name:     "PodMetrics",
		Meta:     meta,
		JSON:     encode.PodJSON,
		Protobuf: encode.PodProtobuf,
		New:      func() runtime.Object { return &metrics.PodMetrics{} },
		API:      object,
		NewList:  func(m metav1.ListMeta) runtime.Object { return &metrics.PodMetricsList{ListMeta: m} },
	}
}

func meta(p *cluster.Pod, u *usage.Pod) encode.Meta {
	return encode.Meta{
		Namespace: p.Namespace, Name: p.Name, UID: p.UID, Version: u.ResourceVersion, Created: int64(p.Created), Labels: p.Labels.All(),
	}
}

func object(p *cluster.Pod, u *usage.Pod) runtime.Object {
	containers := make([]metrics.ContainerMetrics, len(u.Containers))
	for i, c := range u.Containers {
		containers[i].Name = c.Name
		containers[i].Usage = generic.Resources(c.CPU, c.Memory, c.Extra)
	}
	return &metrics.PodMetrics{
		ObjectMeta: generic.ObjectMeta(meta(p, u)),
		Timestamp:  metav1.NewTime(u.Time),
		Window:     metav1.Duration{Duration: u.Window},
		Containers: containers,
	}
}

func row(p *cluster.Pod, u *usage.Pod) generic.Row {
	return generic.Row{Containers: u.Containers, Window: u.Window, Time: u.Time, Node: p.Node}
}
