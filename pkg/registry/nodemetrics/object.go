package nodemetrics

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/metrics/pkg/apis/metrics"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// read returns the usage of a node. It is false where there is none, or it cannot be served.
func read(n *cluster.Node, reader *usage.Reader) (*usage.Node, bool) {
	used, ok := reader.Node(n.Usage)
	if !ok || used.Time.IsZero() || used.Window <= 0 || !countable(used) {
		return nil, false
	}
	return used, true
}

// countable is false where there is a value that cannot be served.
func countable(u *usage.Node) bool {
	return generic.Countable(u.CPU, u.Memory) && generic.CountableExtras(u.Extra)
}

// kind is how the usage of nodes is written.
func kind() *generic.Kind[*cluster.Node, usage.Node] {
	return &generic.Kind[*cluster.Node, usage.Node]{
		Name:     "NodeMetrics",
		Meta:     meta,
		JSON:     encode.NodeJSON,
		Protobuf: encode.NodeProtobuf,
		API:      func(n *cluster.Node, u *usage.Node) runtime.Object { return object(n, u) },
		APIList:  list,
	}
}

func meta(n *cluster.Node, u *usage.Node) encode.Meta {
	return encode.Meta{Name: n.Name, UID: n.UID, Version: u.ResourceVersion, Created: n.Created, Labels: n.Labels.Bounded().All()}
}

func object(n *cluster.Node, u *usage.Node) *metrics.NodeMetrics {
	return &metrics.NodeMetrics{
		ObjectMeta: generic.ObjectMeta(meta(n, u)),
		Timestamp:  metav1.NewTime(u.Time),
		Window:     metav1.Duration{Duration: u.Window},
		Usage:      generic.Resources(u.CPU, u.Memory, u.Extra),
	}
}

func list(resourceVersion string, items []runtime.Object) runtime.Object {
	l := &metrics.NodeMetricsList{
		ListMeta: metav1.ListMeta{ResourceVersion: resourceVersion}, Items: make([]metrics.NodeMetrics, 0, len(items)),
	}
	for _, item := range items {
		if n, ok := item.(*metrics.NodeMetrics); ok {
			l.Items = append(l.Items, *n)
		}
	}
	return l
}

func row(object runtime.Object) (generic.Row, bool) {
	node, ok := object.(*metrics.NodeMetrics)
	if !ok {
		return generic.Row{}, false
	}
	return generic.Row{Usage: []corev1.ResourceList{node.Usage}, Window: node.Window, Timestamp: node.Timestamp}, true
}
