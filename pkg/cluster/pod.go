package cluster

import (
	"math"
	"slices"
	"unique"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Pod is all that is kept of a pod. It is shared by its readers and never changed.
type Pod struct {
	// Namespace, Name and UID are the object's.
	Namespace, Name, UID string
	// Created is when the object was made, by the API server's clock in Unix seconds; 0 where that is unknown.
	Created uint32
	// Static is true for a mirror pod, whose UID is not the one that the kubelet reports.
	Static bool
	// Labels are the object's.
	Labels Labels
	// Node is the name of the node that the pod is bound to; empty before it is scheduled.
	Node string
	// Phase is that of the pod's status.
	Phase corev1.PodPhase
	// Expected are the containers that should have usage, in the order of the pod's object: those of the pod and its
	// sidecars, less those that its status says have not started yet or have ended for good.
	Expected []string
	// NotRunning are the containers that do not run now; nil where all run, as in most pods, so that these pay for a pointer alone.
	NotRunning *NotRunning
	// Started is when the running instance of each of Expected started, parallel to it, in Unix seconds by the node's clock; 0 where the
	// status does not give it, and nil where it gives none.
	Started   []int64
	resources encodedResources
	// Usage is where the store publishes the usage of the pod. All objects of one pod, by its UID, have the same.
	Usage *usage.PodCell
}

// Ended is true where the pod is over, and uses nothing any more.
func (p *Pod) Ended() bool { return p.Phase == corev1.PodSucceeded || p.Phase == corev1.PodFailed }

// isServedLike is true where the API serves the usage of another object of the same pod in the same way.
func (p *Pod) isServedLike(other *Pod) bool {
	return p.Labels == other.Labels && p.Node == other.Node && p.Ended() == other.Ended() && slices.Equal(p.Expected, other.Expected)
}

func (p *Pod) objectName() cache.ObjectName {
	return cache.ObjectName{Namespace: p.Namespace, Name: p.Name}
}

// NotRunning are the containers of a pod that should run and do not.
type NotRunning struct {
	// Idle are those of Expected that wait to be started again, and use nothing meanwhile, in the same order.
	Idle []string
	// Awaited are the containers that have not started yet, as far as the status says, which may be late.
	Awaited []string
}

// Idle returns [NotRunning.Idle]; the caller must not change it.
func (p *Pod) Idle() []string {
	if p.NotRunning == nil {
		return nil
	}
	return p.NotRunning.Idle
}

// Awaited returns [NotRunning.Awaited]; the caller must not change it.
func (p *Pod) Awaited() []string {
	if p.NotRunning == nil {
		return nil
	}
	return p.NotRunning.Awaited
}

// Strip returns what is kept of a pod, with a cell of its own.
func Strip(p *corev1.Pod) *Pod {
	_, static := p.Annotations[corev1.MirrorPodAnnotationKey]
	stripped := &Pod{
		Namespace: shared(p.Namespace), Name: p.Name, UID: string(p.UID),
		Labels: NewLabels(p.Labels),
		Node:   shared(p.Spec.NodeName),
		Phase:  corev1.PodPhase(shared(string(p.Status.Phase))),
		Static: static,
		Usage:  &usage.PodCell{},
	}
	if at := p.CreationTimestamp.Unix(); at > 0 && at <= math.MaxUint32 { // The zero time is long before 1970.
		stripped.Created = uint32(at)
	}
	stripped.addContainers(p)
	return stripped
}

// addContainers leaves out plain init containers, which are gone once the pod runs, and ephemeral ones, for which no
// resources are requested.
func (p *Pod) addContainers(full *corev1.Pod) {
	const usual = 8 // Pods with more containers cost an allocation more.
	started := make([]int64, 0, usual)
	initStatus, status := statusesByName(full.Status.InitContainerStatuses), statusesByName(full.Status.ContainerStatuses)
	restarts := newRestarts(full, initStatus, status)
	add := func(c *corev1.Container, status *corev1.ContainerStatus) {
		s := restarts.stateOf(c, status)
		if s > awaited {
			started = append(started, startOf(status))
		}
		p.add(c.Name, s)
	}
	for i := range full.Spec.InitContainers {
		if c := &full.Spec.InitContainers[i]; isSidecar(c) {
			add(c, initStatus(c.Name))
		}
	}
	for i := range full.Spec.Containers {
		c := &full.Spec.Containers[i]
		add(c, status(c.Name))
	}
	if slices.ContainsFunc(started, func(at int64) bool { return at != 0 }) {
		p.Started = slices.Clone(started) // With no more capacity than it needs.
	}
}

// Has is true for a container that should have usage, or may soon: see Expected and [NotRunning.Awaited].
func (p *Pod) Has(container string) bool {
	return slices.Contains(p.Expected, container) || slices.Contains(p.Awaited(), container)
}

// shared returns the one copy of a string that many pods have.
func shared(s string) string { return unique.Make(s).Value() }

func (p *Pod) add(container string, s state) {
	if p.NotRunning == nil && (s == awaited || s == idle) {
		p.NotRunning = &NotRunning{}
	}
	switch name := shared(container); s {
	case absent:
	case awaited:
		p.NotRunning.Awaited = append(p.NotRunning.Awaited, name)
	case idle:
		p.NotRunning.Idle = append(p.NotRunning.Idle, name)
		fallthrough
	default:
		p.Expected = append(p.Expected, name)
	}
}
