package scenario

import (
	"cmp"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// options are words of the form key=value; a word without a value is there and empty.
type options map[string]string

func parseOptions(words []string) options {
	o := options{}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		o[key] = value
	}
	return o
}

func (o options) has(key string) bool { _, ok := o[key]; return ok }

// newNode makes a Node of "name option..."; what is not said of it has a usual value.
func newNode(words []string) (*corev1.Node, error) {
	name, o := words[0], parseOptions(words[1:])
	capacity := corev1.ResourceList{}
	for kind, value := range map[corev1.ResourceName]string{
		corev1.ResourceCPU: cmp.Or(o["cpu"], "4"), corev1.ResourceMemory: cmp.Or(o["memory"], "8Gi"),
	} {
		q, err := resource.ParseQuantity(value)
		if err != nil {
			return nil, fmt.Errorf("%s of node %s: %w", kind, name, err)
		}
		capacity[kind] = q
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID(cmp.Or(o["uid"], "u"))},
		Status: corev1.NodeStatus{
			Addresses:  []corev1.NodeAddress{{Type: corev1.NodeHostName, Address: name}},
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			Capacity:   capacity,
			NodeInfo:   corev1.NodeSystemInfo{BootID: cmp.Or(o["boot"], "b")},
		},
	}, nil
}

// newPod makes a Pod of "namespace/name on node word...".
func newPod(words []string) (*corev1.Pod, error) {
	namespace, name, ok := strings.Cut(words[0], "/")
	if !ok || len(words) < 3 || words[1] != "on" {
		return nil, fmt.Errorf("a pod reads: pod ns/name on node app:a")
	}
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       corev1.PodSpec{NodeName: words[2]},
	}
	var rest []string
	for _, word := range words[3:] {
		if kind, container, ok := strings.Cut(word, ":"); ok {
			if err := addContainer(p, kind, container); err != nil {
				return nil, err
			}
			continue
		}
		rest = append(rest, word)
	}
	describePod(p, parseOptions(rest))
	return p, nil
}

func describePod(p *corev1.Pod, o options) {
	p.UID = types.UID(cmp.Or(o["uid"], "u"))
	p.Status.Phase = corev1.PodPhase(cmp.Or(o["phase"], string(corev1.PodRunning)))
	if o.has("static") {
		p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: o["static"]}
	}
	if o.has("terminating") {
		p.DeletionTimestamp = &metav1.Time{Time: beginning}
		p.Finalizers = []string{"scenario/keep"}
	}
}

func addContainer(p *corev1.Pod, kind, word string) error {
	name, state, _ := strings.Cut(word, "=")
	c := corev1.Container{Name: name}
	status := corev1.ContainerStatus{Name: name, State: stateOf(state)}
	if state == "backoff" {
		status.RestartCount = 1
	}
	switch kind {
	case "app":
		p.Spec.Containers = append(p.Spec.Containers, c)
		p.Status.ContainerStatuses = append(p.Status.ContainerStatuses, status)
	case "sidecar", "init":
		if always := corev1.ContainerRestartPolicyAlways; kind == "sidecar" {
			c.RestartPolicy = &always
		}
		p.Spec.InitContainers = append(p.Spec.InitContainers, c)
		p.Status.InitContainerStatuses = append(p.Status.InitContainerStatuses, status)
	case "ephemeral":
		p.Spec.EphemeralContainers = append(p.Spec.EphemeralContainers,
			corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon{Name: name}})
		p.Status.EphemeralContainerStatuses = append(p.Status.EphemeralContainerStatuses, status)
	default:
		return fmt.Errorf("%q is no kind of container: use app, sidecar, init or ephemeral", kind)
	}
	return nil
}

func stateOf(word string) corev1.ContainerState {
	switch word {
	case "waiting":
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}}
	case "backoff":
		return corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
	case "terminated":
		return corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{}}
	default:
		return corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	}
}
