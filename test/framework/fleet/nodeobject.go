package fleet

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// LabelFleet is the label of the fleet's Nodes; its value is the fleet's name.
const LabelFleet = annotationDomain + "fleet"

// KWOK's own mark for the nodes that it manages, as an annotation and as the label that its examples select by.
const (
	kwokAnnotation, kwokAnnotationValue = "kwok.x-k8s.io/node", "fake"
	kwokLabel, kwokLabelValue           = "type", "kwok"
)

// kubeletVersion is the version that the Nodes report.
const kubeletVersion = "v1.37.2"

// nodeObject is the Node with which a kubelet would register itself.
func (f *Fleet) nodeObject(n *node) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: n.name,
			Labels: map[string]string{
				LabelFleet:             f.options.Name,
				kwokLabel:              kwokLabelValue,
				corev1.LabelHostname:   n.name,
				corev1.LabelOSStable:   "linux",
				corev1.LabelArchStable: "amd64",
			},
			Annotations: map[string]string{kwokAnnotation: kwokAnnotationValue},
		},
		Status: corev1.NodeStatus{
			Capacity:    f.options.Capacity,
			Allocatable: f.options.Capacity,
			Conditions:  f.conditions(),
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: n.ip.String()},
				{Type: corev1.NodeHostName, Address: n.name},
			},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{
				KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(f.Port())},
			},
			NodeInfo: f.nodeInfo(n),
		},
	}
}

func (f *Fleet) conditions() []corev1.NodeCondition {
	now := metav1.NewTime(f.options.Clock.Now())
	return []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady",
		Message: "The simulated kubelet responds", LastHeartbeatTime: now, LastTransitionTime: now,
	}}
}

// swapCapacity is how much swap space a node of a fleet with swap has, in bytes.
const swapCapacity int64 = 4 << 30

func (f *Fleet) nodeInfo(n *node) corev1.NodeSystemInfo {
	var swap *corev1.NodeSwapStatus
	if f.options.Swap {
		swap = &corev1.NodeSwapStatus{Capacity: new(swapCapacity)}
	}
	return corev1.NodeSystemInfo{
		Swap:                    swap,
		MachineID:               identifier(hash(n.name, "machine")),
		SystemUUID:              identifier(hash(n.name, "system")),
		BootID:                  identifier(hash(n.name, "boot") + uint64(n.boot)),
		KernelVersion:           "6.12.0",
		OSImage:                 "Simulated Linux",
		ContainerRuntimeVersion: "fleet://1.0.0",
		KubeletVersion:          kubeletVersion,
		OperatingSystem:         "linux",
		Architecture:            "amd64",
	}
}

// identifier returns a version 4 UUID (RFC 9562) that depends on the seed alone.
func identifier(seed uint64) string {
	high, low := mix(seed), mix(seed+1)
	high = high&^0xf000 | 0x4000
	low = low&^(0b11<<62) | 0b10<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
}
