package nodemetrics

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/registry/usage"
)

// measure returns what a node used. It is false where there are no numbers or they cannot be served.
func measure(node *corev1.Node, usages Usages) (metrics.NodeMetrics, bool) {
	used, ok := usages.Node(node.Name)
	if !ok || used.Time.IsZero() || used.Window <= 0 {
		return metrics.NodeMetrics{}, false
	}
	resources, ok := usage.Resources(used.CPU, used.Memory)
	if !ok || !usage.AddBytes(resources, usage.Swap, used.Swap, used.HasSwap) ||
		!usage.AddBytes(resources, corev1.ResourceEphemeralStorage, used.Disk, used.HasDisk) {
		return metrics.NodeMetrics{}, false
	}
	return metrics.NodeMetrics{
		ObjectMeta: usage.ObjectMeta(node, used.Generation),
		Timestamp:  metav1.NewTime(used.Time),
		Window:     metav1.Duration{Duration: used.Window},
		Usage:      resources,
	}, true
}

func row(object runtime.Object) (usage.Row, bool) {
	node, ok := object.(*metrics.NodeMetrics)
	if !ok {
		return usage.Row{}, false
	}
	return usage.Row{Usage: []corev1.ResourceList{node.Usage}, Window: node.Window, Timestamp: node.Timestamp}, true
}
