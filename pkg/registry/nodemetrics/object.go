package nodemetrics

import (
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
	if !ok || !serves(used) {
		return nil, false
	}
	return used, true
}

// serves is true where usage of a node is served, whatever its age.
func serves(used *usage.Node) bool {
	return !used.Time.IsZero() && used.Window > 0 && generic.Countable(used.CPU, used.Memory, used.Extra)
}

// encoding is how the usage of nodes is written.
func encoding() *generic.Encoding[*cluster.Node, usage.Node] {
	return &generic.Encoding[*cluster.Node, usage.Node]{
		Name:     "NodeMetrics",
		Meta:     meta,
		JSON:     encode.NodeJSON,
		Protobuf: encode.NodeProtobuf,
		New:      func() runtime.Object { return &metrics.NodeMetrics{} },
		API:      object,
		NewList:  func(m metav1.ListMeta) runtime.Object { return &metrics.NodeMetricsList{ListMeta: m} },
	}
}

func meta(n *cluster.Node, u *usage.Node) encode.Meta {
	return encode.Meta{Name: n.Name, UID: n.UID, Version: u.ResourceVersion, Created: n.Created, Labels: n.Labels.Bounded().All()}
}

func object(n *cluster.Node, u *usage.Node) runtime.Object {
	return &metrics.NodeMetrics{
		ObjectMeta: generic.ObjectMeta(meta(n, u)),
		Timestamp:  metav1.NewTime(u.Time),
		Window:     metav1.Duration{Duration: u.Window},
		Usage:      generic.Resources(u.CPU, u.Memory, u.Extra),
	}
}

func row(_ *cluster.Node, u *usage.Node) generic.Row {
	return generic.Row{Containers: []usage.Container{{CPU: u.CPU, Memory: u.Memory}}, Window: u.Window, Time: u.Time}
}
