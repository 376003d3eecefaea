package scenario

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

// newNode makes a Node of "name option..."; what is not given of it has a usual value.
func newNode(words []string) (*corev1.Node, error) {
	name, o := words[0], parseOptions(words[1:])
	capacity, err := capacityOf(o)
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", name, err)
	}
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(cmp.Or(o["uid"], "u"))},
		Status: corev1.NodeStatus{
			Addresses:  []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: name}},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			Capacity:   capacity,
			NodeInfo:   corev1.NodeSystemInfo{BootID: cmp.Or(o["boot"], "b")},
		},
	}
	if o.has("boot") {
		n.Status.NodeInfo.BootID = o["boot"]
	}
	if o.has("path") {
		n.Annotations = map[string]string{cluster.PathAnnotation: o["path"]}
	}
	if o.has("swap") {
		swap, err := resource.ParseQuantity(o["swap"])
		if err != nil {
			return nil, fmt.Errorf("swap of node %s: %w", name, err)
		}
		n.Status.NodeInfo.Swap = &corev1.NodeSwapStatus{Capacity: new(swap.Value())}
	}
	return n, nil
}

// capacityOf is a node's CPU and memory, each of which may be "none".
func capacityOf(o options) (corev1.ResourceList, error) {
	capacity := corev1.ResourceList{}
	for kind, value := range map[corev1.ResourceName]string{
		corev1.ResourceCPU: cmp.Or(o["cpu"], "4"), corev1.ResourceMemory: cmp.Or(o["memory"], "8Gi"),
	} {
		if value == "none" {
			continue
		}
		q, err := resource.ParseQuantity(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		capacity[kind] = q
	}
	return capacity, nil
}
