package cluster

import (
	"unique"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/store"
)

// Pod is all that is kept of a pod. It is shared by its readers and never changed.
type Pod struct {
	// Namespace, Name and UID are the object's.
	Namespace, Name, UID string
	// Created is when the object was made, by the API server's clock in Unix seconds; 0 where that is unknown.
	Created int64
	// Labels are the object's.
	Labels Labels
	// Node is the name of the node that the pod is bound to; empty before it is scheduled.
	Node string
	// Phase is the pod's own idea of its life.
	Phase corev1.PodPhase
	// Static is true for a mirror pod, whose UID is not the one that the kubelet reports.
	Static bool
	// Expected are the containers that should have numbers, in the order of the pod's object: those of the pod and its
	// sidecars, less those that its status says have not started yet or have ended for good.
	Expected []string
	// Idle are those of Expected that wait to be started again, and use nothing meanwhile.
	Idle []string
	// Answer is where the store publishes what the pod used. All that is ever told of one pod, by its UID, has the same.
	Answer *store.PodSlot
}

// Strip returns what is kept of a pod, with an answer of its own.
func Strip(p *corev1.Pod) *Pod {
	_, static := p.Annotations[corev1.MirrorPodAnnotationKey]
	stripped := &Pod{
		Namespace: shared(p.Namespace), Name: p.Name, UID: string(p.UID),
		Labels: NewLabels(p.Labels),
		Node:   shared(p.Spec.NodeName),
		Phase:  corev1.PodPhase(shared(string(p.Status.Phase))),
		Static: static,
		Answer: &store.PodSlot{},
	}
	if !p.CreationTimestamp.IsZero() {
		stripped.Created = p.CreationTimestamp.Unix()
	}
	stripped.addContainers(p)
	return stripped
}

// addContainers leaves out plain init containers, which are gone once the pod runs, and ephemeral ones, which nobody asked
// resources for.
func (p *Pod) addContainers(full *corev1.Pod) {
	for i := range full.Spec.InitContainers {
		c := &full.Spec.InitContainers[i]
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			p.add(c.Name, stateOf(c.Name, full.Status.InitContainerStatuses, true))
		}
	}
	again := full.Spec.RestartPolicy == corev1.RestartPolicyAlways
	for i := range full.Spec.Containers {
		name := full.Spec.Containers[i].Name
		p.add(name, stateOf(name, full.Status.ContainerStatuses, again))
	}
}

// shared returns the one copy of a text that many pods have.
func shared(text string) string { return unique.Make(text).Value() }

func (p *Pod) add(container string, s state) {
	if s == absent {
		return
	}
	container = shared(container)
	p.Expected = append(p.Expected, container)
	if s == idle {
		p.Idle = append(p.Idle, container)
	}
}

// state is whether a container uses something.
type state uint8

const (
	// absent has not started yet or has ended for good, idle waits to be started again, active runs as far as is known.
	absent state = iota
	idle
	active
)

// stateOf reads a container's status. A container without one is taken to run; again is true where one that ends is
// started again.
func stateOf(name string, statuses []corev1.ContainerStatus, again bool) state {
	for i := range statuses {
		s := &statuses[i]
		if s.Name != name {
			continue
		}
		began := s.RestartCount > 0 || s.LastTerminationState.Terminated != nil
		switch {
		case s.State.Waiting != nil && began, s.State.Terminated != nil && again:
			return idle
		case s.State.Waiting != nil, s.State.Terminated != nil:
			return absent
		}
	}
	return active
}
