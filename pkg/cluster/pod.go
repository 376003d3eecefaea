package cluster

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Pod is all that is kept of a pod. It is shared by its readers and never changed.
type Pod struct {
	// ObjectMeta holds the name, namespace, UID, resource version, labels and creation time, and nothing else.
	metav1.ObjectMeta
	// Node is the name of the node that the pod is bound to; empty before it is scheduled.
	Node string
	// Phase is the pod's own idea of its life.
	Phase corev1.PodPhase
	// Static is true for a mirror pod, whose UID is not the one that the kubelet reports.
	Static bool
	// Expected are the containers that should have numbers, in the order of the pod's object: those of the pod and its
	// sidecars, less those that its status says are waiting or have ended.
	Expected []string
}

// stripPod is Strip for an informer. It bears objects that it has stripped before.
func stripPod(object any) (any, error) {
	p, ok := object.(*corev1.Pod)
	if !ok {
		return object, nil
	}
	return Strip(p), nil
}

// Strip returns what is kept of a pod. It shares the pod's labels.
func Strip(p *corev1.Pod) *Pod {
	_, static := p.Annotations[corev1.MirrorPodAnnotationKey]
	return &Pod{
		ObjectMeta: stripMeta(&p.ObjectMeta),
		Node:       p.Spec.NodeName,
		Phase:      p.Status.Phase,
		Static:     static,
		Expected:   expected(p),
	}
}

// expected leaves out plain init containers, which are gone once the pod runs, and ephemeral ones, which nobody asked
// resources for.
func expected(p *corev1.Pod) []string {
	var names []string
	for i := range p.Spec.InitContainers {
		c := &p.Spec.InitContainers[i]
		sidecar := c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		if sidecar && shouldRun(c.Name, p.Status.InitContainerStatuses) {
			names = append(names, c.Name)
		}
	}
	for i := range p.Spec.Containers {
		if name := p.Spec.Containers[i].Name; shouldRun(name, p.Status.ContainerStatuses) {
			names = append(names, name)
		}
	}
	return names
}

// shouldRun is true of a container whose status does not say that it waits or has ended.
func shouldRun(name string, statuses []corev1.ContainerStatus) bool {
	for i := range statuses {
		if statuses[i].Name == name {
			return statuses[i].State.Waiting == nil && statuses[i].State.Terminated == nil
		}
	}
	return true
}
