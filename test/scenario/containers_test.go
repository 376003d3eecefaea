package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// policies are the kinds of containers that have a restart policy of their own. A sidecar is an init container.
var policies = map[string]corev1.ContainerRestartPolicy{
	"sidecar": corev1.ContainerRestartPolicyAlways, "always": corev1.ContainerRestartPolicyAlways,
	"onfailure": corev1.ContainerRestartPolicyOnFailure, "never": corev1.ContainerRestartPolicyNever,
}

// addContainer reads "name@start=state" of a kind, which may have rules: "never+restart(1,2)".
func addContainer(p *corev1.Pod, kind, word string) error {
	kind, rules, _ := strings.Cut(kind, "+")
	named, state, _ := strings.Cut(word, "=")
	name, start, _ := strings.Cut(named, "@")
	status, err := statusOf(name, state, start)
	if err != nil {
		return fmt.Errorf("%q: %w", word, err)
	}
	c := corev1.Container{Name: name}
	if policy, ok := policies[kind]; ok {
		c.RestartPolicy = &policy
	}
	if c.RestartPolicyRules, err = parseRules(rules); err != nil {
		return err
	}
	switch kind {
	case "app", "always", "onfailure", "never":
		p.Spec.Containers = append(p.Spec.Containers, c)
		p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, status...)
	case "sidecar", "init":
		p.Spec.InitContainers = append(p.Spec.InitContainers, c)
		p.Status.InitContainerStatuses = append(p.Status.InitContainerStatuses, status...)
	case "ephemeral":
		p.Spec.EphemeralContainers = append(p.Spec.EphemeralContainers,
			corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: name}})
		p.Status.EphemeralContainerStatuses = append(p.Status.EphemeralContainerStatuses, status...)
	default:
		return fmt.Errorf("%q is no kind of container: use app, always, onfailure, never, sidecar, init or ephemeral", kind)
	}
	return nil
}

// parseRules reads rules as "restart(1,2)+restart-all(!0)": the action at these exit codes, or at all others.
func parseRules(text string) (rules []corev1.ContainerRestartRule, err error) {
	if text == "" {
		return nil, nil
	}
	actions := map[string]corev1.ContainerRestartRuleAction{
		"restart":     corev1.ContainerRestartRuleActionRestart,
		"restart-all": corev1.ContainerRestartRuleActionRestartAllContainers,
	}
	for word := range strings.SplitSeq(text, "+") {
		name, codes, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
		action, ok := actions[name]
		if !ok {
			return nil, fmt.Errorf("a rule reads restart(1,2), restart(!0) or restart-all(1), not %q", word)
		}
		on := corev1.ContainerRestartRuleOnExitCodes{Operator: corev1.ContainerRestartRuleOnExitCodesOpIn}
		if rest, ok := strings.CutPrefix(codes, "!"); ok {
			on.Operator, codes = corev1.ContainerRestartRuleOnExitCodesOpNotIn, rest
		}
		for code := range strings.SplitSeq(codes, ",") {
			n, err := strconv.ParseInt(code, 10, 32)
			if err != nil {
				return nil, fmt.Errorf("rule %q: %w", word, err)
			}
			on.Values = append(on.Values, int32(n))
		}
		rules = append(rules, corev1.ContainerRestartRule{Action: action, ExitCodes: &on})
	}
	return rules, nil
}

// statusOf is the status that the kubelet has reported of a container; nil where it has not. The start, if given, is that of a running container.
func statusOf(name, state, start string) ([]corev1.ContainerStatus, error) {
	state, code, _ := strings.Cut(state, ":")
	s := corev1.ContainerStatus{Name: name}
	var err error
	switch state {
	case "nostatus":
		return nil, nil
	case "waiting":
		s.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
	case "backoff":
		s.RestartCount = 1
		s.State.Waiting = &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}
	case "ended-before":
		s.State.Waiting = &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}
		s.LastTerminationState.Terminated, err = terminated(code)
	case "terminated":
		s.State.Terminated, err = terminated(code)
	default:
		s.State.Running, err = running(start)
	}
	return []corev1.ContainerStatus{s}, err
}

// terminated is the state of a container that ended with an exit code; 0 where none is given.
func terminated(code string) (*corev1.ContainerStateTerminated, error) {
	s := &corev1.ContainerStateTerminated{}
	if code == "" {
		return s, nil
	}
	n, err := strconv.ParseInt(code, 10, 32)
	s.ExitCode = int32(n)
	return s, err
}

// running is the state of a container that started then, in whole seconds as in the API.
func running(start string) (*corev1.ContainerStateRunning, error) {
	s := &corev1.ContainerStateRunning{}
	if start == "" {
		return s, nil
	}
	at, err := parseMoment(start, time.Now())
	s.StartedAt = metav1.Unix(at.ms/1e3, 0)
	return s, err
}
