package cluster

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// PathAnnotation is the path at which a simulator such as kwok serves the resource metrics of the annotated node.
const PathAnnotation = "metrics.k8s.io/resource-metrics-path"

// Node is all that is kept of a node. It is shared by its readers and never changed.
type Node struct {
	// Name and UID are the object's.
	Name, UID string
	// Created is when the object was made, by the API server's clock in Unix seconds; 0 where that is unknown.
	Created int64
	// Labels are the object's.
	Labels Labels
	// Boot is the ID of the machine's last boot.
	Boot string
	// Addresses are those of the node's status, in its order, and KubeletPort is the kubelet's port there; 0 where there is none.
	Addresses   []corev1.NodeAddress
	KubeletPort int32
	// MetricsPath is the value of PathAnnotation; empty where there is none.
	MetricsPath string
	// Ready is what the node's own Ready condition says.
	Ready bool
	// CPU is the node's capacity in nanocores, Memory in bytes; 0 where it is unknown.
	CPU, Memory uint64
	// Swap is the node's swap space in bytes; 0 where it has none.
	Swap uint64
	// Usage is where the store publishes what the node uses. All objects of one node, by its UID, have the same.
	Usage *usage.NodeCell
}

func (n *Node) objectName() cache.ObjectName { return cache.ObjectName{Name: n.Name} }

const nanoPerMilli = 1e6

// StripNode returns what is kept of a node, with a cell of its own.
func StripNode(n *corev1.Node) *Node {
	stripped := &Node{
		Name: n.Name, UID: string(n.UID),
		Labels:      newNodeLabels(n.Labels),
		Boot:        n.Status.NodeInfo.BootID,
		Addresses:   slices.Clone(n.Status.Addresses),
		KubeletPort: n.Status.DaemonEndpoints.KubeletEndpoint.Port,
		MetricsPath: strings.Clone(n.Annotations[PathAnnotation]),
		Ready:       isReady(n.Status.Conditions),
		CPU:         uint64(max(n.Status.Capacity.Cpu().MilliValue(), 0)) * nanoPerMilli,
		Memory:      uint64(max(n.Status.Capacity.Memory().Value(), 0)),
		Usage:       &usage.NodeCell{},
	}
	if !n.CreationTimestamp.IsZero() {
		stripped.Created = n.CreationTimestamp.Unix()
	}
	if swap := n.Status.NodeInfo.Swap; swap != nil && swap.Capacity != nil {
		stripped.Swap = uint64(max(*swap.Capacity, 0))
	}
	return stripped
}

func isReady(all []corev1.NodeCondition) bool {
	return slices.ContainsFunc(all, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}
