package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// restartRule is a rule; not is true where it matches all other exit codes.
func restartRule(action corev1.ContainerRestartRuleAction, not bool, codes ...int32) corev1.ContainerRestartRule {
	operator := corev1.ContainerRestartRuleOnExitCodesOpIn
	if not {
		operator = corev1.ContainerRestartRuleOnExitCodesOpNotIn
	}
	return corev1.ContainerRestartRule{Action: action, ExitCodes: &corev1.ContainerRestartRuleOnExitCodes{Operator: operator, Values: codes}}
}

func exited(code int32) corev1.ContainerState {
	return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: code}}
}

// TestStateOfAnEndedContainer has what the kubelet does with a container that ended (ContainerShouldRestart).
func TestStateOfAnEndedContainer(t *testing.T) {
	const (
		always, onFailure, never = corev1.ContainerRestartPolicyAlways, corev1.ContainerRestartPolicyOnFailure, corev1.ContainerRestartPolicyNever
		restart, restartAll      = corev1.ContainerRestartRuleActionRestart, corev1.ContainerRestartRuleActionRestartAllContainers
	)
	type rules = []corev1.ContainerRestartRule
	tests := []struct {
		name string
		pod  corev1.RestartPolicy
		// own is empty where the container has no policy.
		own   corev1.ContainerRestartPolicy
		rules rules
		code  int32
		want  state
	}{
		{"pod always, success", corev1.RestartPolicyAlways, "", nil, 0, idle},
		{"pod always, failure", corev1.RestartPolicyAlways, "", nil, 1, idle},
		{"pod on failure, success", corev1.RestartPolicyOnFailure, "", nil, 0, absent},
		{"pod on failure, failure", corev1.RestartPolicyOnFailure, "", nil, 137, idle},
		{"pod never, success", corev1.RestartPolicyNever, "", nil, 0, absent},
		{"pod never, failure", corev1.RestartPolicyNever, "", nil, 1, absent},
		{"own always in a pod of never", corev1.RestartPolicyNever, always, nil, 0, idle},
		{"own never in a pod of always", corev1.RestartPolicyAlways, never, nil, 1, absent},
		{"own on failure, success", corev1.RestartPolicyAlways, onFailure, nil, 0, absent},
		{"own on failure, failure", corev1.RestartPolicyNever, onFailure, nil, -1, idle},
		{"an unknown policy", corev1.RestartPolicyAlways, "Sometimes", nil, 1, absent},
		{"a rule that matches", corev1.RestartPolicyNever, never, rules{restartRule(restart, false, 42, 43)}, 43, idle},
		{"a rule that does not match", corev1.RestartPolicyAlways, never, rules{restartRule(restart, false, 42, 43)}, 44, absent},
		{"a rule of other codes that matches", corev1.RestartPolicyNever, never, rules{restartRule(restart, true, 42)}, 1, idle},
		{"a rule of other codes that does not match", corev1.RestartPolicyNever, never, rules{restartRule(restart, true, 42)}, 42, absent},
		{"a rule of other codes than none", corev1.RestartPolicyNever, never, rules{restartRule(restart, true)}, 0, idle},
		{"a rule that matches goes before success", corev1.RestartPolicyNever, onFailure, rules{restartRule(restart, false, 0)}, 0, idle},
		{"the policy after the rules", corev1.RestartPolicyNever, onFailure, rules{restartRule(restart, false, 42)}, 1, idle},
		{"a rule that restarts all containers", corev1.RestartPolicyNever, never, rules{restartRule(restartAll, false, 7)}, 7, idle},
		{"an unknown action ends the rules", corev1.RestartPolicyNever, never, rules{restartRule("Ignore", false, 7), restartRule(restart, false, 7)}, 7, absent},
		{"a rule without exit codes", corev1.RestartPolicyNever, never, rules{{Action: restart}}, 7, absent},
		{"rules without a policy are not read", corev1.RestartPolicyNever, "", rules{restartRule(restart, false, 7)}, 7, absent},
	}
	none := statusesByName(nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := corev1.Container{Name: "c", RestartPolicyRules: tt.rules}
			if tt.own != "" {
				c.RestartPolicy = &tt.own
			}
			p := &corev1.Pod{Spec: corev1.PodSpec{RestartPolicy: tt.pod, Containers: []corev1.Container{c}}}
			ended := corev1.ContainerStatus{Name: "c", State: exited(tt.code), RestartCount: 1}
			waits := corev1.ContainerStatus{Name: "c", State: waiting(), LastTerminationState: exited(tt.code), RestartCount: 1}
			for name, status := range map[string]corev1.ContainerStatus{"terminated": ended, "waiting": waits} {
				if got := newRestarts(p, none, none).stateOf(&c, &status); got != tt.want {
					t.Errorf("%s: got state %d, want %d", name, got, tt.want)
				}
				p.DeletionTimestamp = &metav1.Time{}
				if got := newRestarts(p, none, none).stateOf(&c, &status); got != absent {
					t.Errorf("%s in a pod that is being deleted: got state %d", name, got)
				}
				p.DeletionTimestamp = nil
			}
		})
	}
}

// TestPlainInitContainersAreNotExpected has init containers with policies and rules of their own: only Always makes a sidecar.
func TestPlainInitContainersAreNotExpected(t *testing.T) {
	onFailure, always, never := corev1.ContainerRestartPolicyOnFailure, corev1.ContainerRestartPolicyAlways, corev1.ContainerRestartPolicyNever
	rules := []corev1.ContainerRestartRule{restartRule(corev1.ContainerRestartRuleActionRestart, false, 3)}
	p := &corev1.Pod{
		Spec: corev1.PodSpec{
			RestartPolicy: corev1.RestartPolicyNever,
			InitContainers: []corev1.Container{
				{Name: "fetch", RestartPolicy: &onFailure}, {Name: "proxy", RestartPolicy: &always, RestartPolicyRules: rules},
				{Name: "setup", RestartPolicy: &never, RestartPolicyRules: rules},
			},
			Containers: []corev1.Container{{Name: "a"}},
		},
		Status: corev1.PodStatus{
			InitContainerStatuses: []corev1.ContainerStatus{
				{Name: "fetch", State: exited(1)}, {Name: "proxy", State: exited(1)}, {Name: "setup", State: exited(3)},
			},
		},
	}
	got := Strip(p)
	if diff := cmp.Diff([][]string{{"proxy", "a"}, {"proxy"}}, [][]string{got.Expected, got.Idle()}); diff != "" {
		t.Errorf("expected and idle containers (-want +got):\n%s", diff)
	}
}

// TestRestartOfAllContainers follows a pod one of whose containers has it restarted: the others, which ended for good, start again too.
func TestRestartOfAllContainers(t *testing.T) {
	never := corev1.ContainerRestartPolicyNever
	removed := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 137, Reason: reasonRestartingAllContainers}}
	p := &corev1.Pod{Spec: corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{
		{Name: "done"}, {Name: "watcher", RestartPolicy: &never, RestartPolicyRules: []corev1.ContainerRestartRule{
			restartRule(corev1.ContainerRestartRuleActionRestartAllContainers, false, 88),
		}},
	}}}
	tests := []struct {
		name          string
		done, watcher corev1.ContainerStatus
		want, idle    []string
	}{
		{"before", corev1.ContainerStatus{State: exited(0)}, corev1.ContainerStatus{State: running()}, []string{"watcher"}, nil},
		{"another end", corev1.ContainerStatus{State: exited(0)}, corev1.ContainerStatus{State: exited(1)}, nil, nil},
		{"the end that restarts all", corev1.ContainerStatus{State: exited(0)}, corev1.ContainerStatus{State: exited(88)}, []string{"done", "watcher"}, []string{"done", "watcher"}},
		{"one was removed", corev1.ContainerStatus{State: waiting(), LastTerminationState: removed}, corev1.ContainerStatus{State: exited(88)}, []string{"done", "watcher"}, []string{"done", "watcher"}},
		{
			"all were removed", corev1.ContainerStatus{State: waiting(), LastTerminationState: removed},
			corev1.ContainerStatus{State: waiting(), LastTerminationState: removed}, []string{"done", "watcher"}, []string{"done", "watcher"},
		},
		{"after", corev1.ContainerStatus{State: running()}, corev1.ContainerStatus{State: running()}, []string{"done", "watcher"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.done.Name, tt.watcher.Name = "done", "watcher"
			p.Status.ContainerStatuses = []corev1.ContainerStatus{tt.done, tt.watcher}
			got := Strip(p)
			if diff := cmp.Diff([][]string{tt.want, tt.idle}, [][]string{got.Expected, got.Idle()}); diff != "" {
				t.Errorf("expected and idle containers (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStarted has a container that runs since then, one that waits and one whose status gives no start.
func TestStarted(t *testing.T) {
	since := func(at int64) corev1.ContainerState {
		return corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Unix(at, 0)}}
	}
	always := corev1.ContainerRestartPolicyAlways
	p := &corev1.Pod{
		Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{{Name: "setup"}, {Name: "proxy", RestartPolicy: &always}},
			Containers:     []corev1.Container{{Name: "a"}, {Name: "done"}, {Name: "b"}, {Name: "c"}},
		},
		Status: corev1.PodStatus{
			InitContainerStatuses: []corev1.ContainerStatus{{Name: "setup", State: since(1)}, {Name: "proxy", State: since(1_785_924_001)}},
			ContainerStatuses: []corev1.ContainerStatus{
				{Name: "a", State: waiting(), RestartCount: 1}, {Name: "b", State: since(1_785_924_003)}, {Name: "c", State: running()}, {Name: "done", State: exited(0)},
			},
		},
	}
	got := Strip(p)
	if diff := cmp.Diff([]string{"proxy", "a", "b", "c"}, got.Expected); diff != "" {
		t.Fatalf("expected containers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{1_785_924_001, 0, 1_785_924_003, 0}, got.Started); diff != "" {
		t.Errorf("starts (-want +got):\n%s", diff)
	}
	p.Status = corev1.PodStatus{}
	if got := Strip(p); got.Started != nil {
		t.Errorf("a pod without a status has the starts %v", got.Started)
	}
}

// TestStatusesOfManyContainers finds each of more statuses than are compared one by one.
func TestStatusesOfManyContainers(t *testing.T) {
	p := &corev1.Pod{}
	var want []string
	for i := range 3 * fewStatuses {
		name := string(rune('a'+i/26)) + string(rune('a'+i%26))
		p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: name})
		state := running()
		if i%3 == 0 {
			state = exited(0)
		} else {
			want = append(want, name)
		}
		if i%5 != 1 {
			p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, corev1.ContainerStatus{Name: name, State: state})
		} else if i%3 == 0 {
			want = append(want, name) // It has no status, and is taken to run.
		}
	}
	if diff := cmp.Diff(want, Strip(p).Expected); diff != "" {
		t.Errorf("expected containers (-want +got):\n%s", diff)
	}
}
