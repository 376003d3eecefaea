package cluster

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// podModel is the model of Pods: a map of all pods, which every request iterates over.
type podModel struct {
	random *rand.Rand
	pods   map[string]*corev1.Pod
	// cells are those of every UID so far, and owners the UID of each cell. No UID returns once its pod is deleted.
	cells  map[types.UID]*usage.PodCell
	owners map[*usage.PodCell]types.UID
	uids   int
}

func newPodModel(r *rand.Rand) *podModel {
	return &podModel{
		random: r, pods: map[string]*corev1.Pod{},
		cells: map[types.UID]*usage.PodCell{}, owners: map[*usage.PodCell]types.UID{},
	}
}

func keyOf(p *corev1.Pod) string { return p.Namespace + "/" + p.Name }

// aPod is a new pod, or a change of an existing one: sometimes another UID, often with the same labels.
func (m *podModel) aPod() *corev1.Pod {
	r := m.random
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: oneOf(r, "a", "b", "c"), Name: fmt.Sprintf("p%d", r.IntN(12)), Labels: someLabels(r),
		},
		Spec:   corev1.PodSpec{NodeName: oneOf(r, "n1", "n2", "n3"), RestartPolicy: corev1.RestartPolicyAlways, Containers: []corev1.Container{{Name: "c"}}},
		Status: corev1.PodStatus{Phase: oneOf(r, corev1.PodRunning, corev1.PodRunning, corev1.PodPending, corev1.PodSucceeded)},
	}
	if status := m.aStatus(); status != nil {
		p.Status.ContainerStatuses = []corev1.ContainerStatus{*status}
	}
	before := m.pods[keyOf(p)]
	if before == nil || r.IntN(4) == 0 {
		m.uids++
		p.UID = types.UID(fmt.Sprintf("uid-%d", m.uids))
		return p
	}
	p.UID = before.UID
	if r.IntN(2) == 0 {
		p.Labels = maps.Clone(before.Labels)
	}
	return p
}

// aStatus is of a container that runs, that has not started yet or that waits to be started again; nil where it is unknown.
func (m *podModel) aStatus() *corev1.ContainerStatus {
	switch m.random.IntN(4) {
	case 0:
		return nil
	case 1:
		return &corev1.ContainerStatus{Name: "c", State: waiting()}
	case 2:
		return &corev1.ContainerStatus{Name: "c", State: waiting(), RestartCount: 1}
	default:
		return &corev1.ContainerStatus{Name: "c", State: running()}
	}
}

// runs is true where the pod should have usage.
func runs(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodRunning &&
		(len(p.Status.ContainerStatuses) == 0 || p.Status.ContainerStatuses[0].State.Running != nil)
}

// running is true where a pod on the node should have usage.
func (m *podModel) running(node string) bool {
	for _, p := range m.pods {
		if p.Spec.NodeName == node && runs(p) {
			return true
		}
	}
	return false
}

// list are the pods that are selected, in order.
func (m *podModel) list(namespace string, selector labels.Selector) []*corev1.Pod {
	var out []*corev1.Pod
	for _, p := range m.pods {
		if (namespace == "" || p.Namespace == namespace) && selector.Matches(labels.Set(p.Labels)) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *corev1.Pod) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// some are several of the pods, by their keys.
func (m *podModel) some() map[string]*corev1.Pod {
	out := map[string]*corev1.Pod{}
	for _, key := range slices.Sorted(maps.Keys(m.pods)) {
		if m.random.IntN(3) > 0 {
			out[key] = m.pods[key]
		}
	}
	return out
}
