package cluster

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// reasonRestartingAllContainers is the reason that the kubelet gives where it removed a container to restart the whole pod
// (RestartingAllContainers in k8s.io/kubernetes/pkg/kubelet).
const reasonRestartingAllContainers = "RestartingAllContainers"

// restarts decides which containers of a pod are started again, as the kubelet does (ContainerShouldRestart in
// k8s.io/kubernetes/pkg/api/v1/pod): a rule of the container that matches the exit code goes before the container's policy, and that
// before the policy of the pod.
type restarts struct {
	pod corev1.RestartPolicy
	// deleted is true for a pod that is being deleted: the kubelet starts none of its containers again.
	deleted bool
	// all is true while the end of one container restarts all of them.
	all bool
}

// newRestarts takes functions that find the status of an init container, and of another container, by name.
func newRestarts(p *corev1.Pod, initStatus, status func(string) *corev1.ContainerStatus) *restarts {
	return &restarts{
		pod:     p.Spec.RestartPolicy,
		deleted: p.DeletionTimestamp != nil,
		all:     restartsAll(p.Spec.InitContainers, initStatus) || restartsAll(p.Spec.Containers, status),
	}
}

// restartsAll is true where one of the containers ended in a way for which its rules restart the whole pod.
func restartsAll(containers []corev1.Container, statusOf func(string) *corev1.ContainerStatus) bool {
	for i := range containers {
		c := &containers[i]
		if len(c.RestartPolicyRules) == 0 {
			continue
		}
		status := statusOf(c.Name)
		if status != nil && status.State.Terminated != nil &&
			matching(c, status.State.Terminated.ExitCode) == corev1.ContainerRestartRuleActionRestartAllContainers {
			return true
		}
	}
	return false
}

// restarted is true where the kubelet starts the container again after it ended so. A pod without a policy, which the API server does
// not let be, restarts nothing.
func (r *restarts) restarted(c *corev1.Container, end *corev1.ContainerStateTerminated) bool {
	switch {
	case r.deleted:
		return false
	case r.all, end.Reason == reasonRestartingAllContainers:
		return true
	}
	switch matching(c, end.ExitCode) {
	case corev1.ContainerRestartRuleActionRestart, corev1.ContainerRestartRuleActionRestartAllContainers:
		return true
	}
	switch r.policyOf(c) {
	case corev1.ContainerRestartPolicyAlways:
		return true
	case corev1.ContainerRestartPolicyOnFailure:
		return end.ExitCode != 0
	default:
		return false
	}
}

// policyOf is the container's own policy, or else the pod's. The names of both kinds are the same.
func (r *restarts) policyOf(c *corev1.Container) corev1.ContainerRestartPolicy {
	if c.RestartPolicy != nil {
		return *c.RestartPolicy
	}
	return corev1.ContainerRestartPolicy(r.pod)
}

// matching is the action of the first of the container's rules that matches the exit code; empty where none does. The kubelet reads
// rules only where the container has a policy too.
func matching(c *corev1.Container, exitCode int32) corev1.ContainerRestartRuleAction {
	if c.RestartPolicy == nil {
		return ""
	}
	for i := range c.RestartPolicyRules {
		rule := &c.RestartPolicyRules[i]
		if rule.ExitCodes == nil {
			continue
		}
		listed := slices.Contains(rule.ExitCodes.Values, exitCode)
		in, notIn := corev1.ContainerRestartRuleOnExitCodesOpIn, corev1.ContainerRestartRuleOnExitCodesOpNotIn
		if op := rule.ExitCodes.Operator; op == in && listed || op == notIn && !listed {
			return rule.Action
		}
	}
	return ""
}
