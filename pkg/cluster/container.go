package cluster

import (
	corev1 "k8s.io/api/core/v1"
)

// state is whether a container uses something.
type state uint8

const (
	// absent has ended for good, awaited has not started yet, idle waits to be started again, active runs as far as is known.
	absent state = iota
	awaited
	idle
	active
)

// isSidecar is true for an init container that runs beside the containers of the pod. One with any other policy of its own is a plain
// init container, which ends before they start.
func isSidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// stateOf reads the status of a container; nil where it has none: then the container is taken to run.
func (r *restarts) stateOf(c *corev1.Container, status *corev1.ContainerStatus) state {
	switch {
	case status == nil:
		return active
	case status.State.Waiting != nil:
		return r.waiting(c, status)
	case status.State.Terminated == nil:
		return active
	case r.restarted(c, status.State.Terminated):
		return idle
	default:
		return absent
	}
}

// waiting is the state of a container that waits: awaited where it never ran, and idle where it did, unless the instance that ran was
// its last.
func (r *restarts) waiting(c *corev1.Container, status *corev1.ContainerStatus) state {
	last := status.LastTerminationState.Terminated
	switch {
	case r.deleted:
		return absent
	case last == nil && status.RestartCount == 0:
		return awaited
	case last != nil && r.policyOf(c) != "" && !r.restarted(c, last):
		return absent
	default:
		return idle
	}
}

// startOf is when the running instance of a container started, in Unix seconds; 0 where the status does not give it.
func startOf(status *corev1.ContainerStatus) int64 {
	if status == nil || status.State.Running == nil || status.State.Running.StartedAt.IsZero() {
		return 0
	}
	return status.State.Running.StartedAt.Unix()
}

// fewStatuses is up to how many statuses are compared one by one.
const fewStatuses = 16

// statusesByName returns a function that finds the status of a container by its name; nil where there is none.
func statusesByName(all []corev1.ContainerStatus) func(name string) *corev1.ContainerStatus {
	if len(all) <= fewStatuses {
		return func(name string) *corev1.ContainerStatus {
			for i := range all {
				if all[i].Name == name {
					return &all[i]
				}
			}
			return nil
		}
	}
	byName := make(map[string]*corev1.ContainerStatus, len(all))
	for i := range all {
		byName[all[i].Name] = &all[i]
	}
	return func(name string) *corev1.ContainerStatus { return byName[name] }
}
