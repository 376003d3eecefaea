package cluster

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// fieldsRead is what is read of a list, by the library's types.
func fieldsRead(all *corev1.PodList) *corev1.PodList {
	list := &corev1.PodList{ListMeta: all.ListMeta}
	for _, p := range all.Items {
		list.Items = append(list.Items, corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Name: p.Name, Namespace: p.Namespace, UID: p.UID, CreationTimestamp: p.CreationTimestamp, DeletionTimestamp: p.DeletionTimestamp,
				Labels: p.Labels, Annotations: p.Annotations,
			},
			Spec: corev1.PodSpec{
				Containers: containersRead(p.Spec.Containers), InitContainers: containersRead(p.Spec.InitContainers),
				RestartPolicy: p.Spec.RestartPolicy, NodeName: p.Spec.NodeName,
			},
			Status: corev1.PodStatus{
				Phase:             p.Status.Phase,
				ContainerStatuses: statusesRead(p.Status.ContainerStatuses), InitContainerStatuses: statusesRead(p.Status.InitContainerStatuses),
			},
		})
	}
	return list
}

func containersRead(all []corev1.Container) (read []corev1.Container) {
	for _, c := range all {
		read = append(read, corev1.Container{Name: c.Name, RestartPolicy: c.RestartPolicy, RestartPolicyRules: c.RestartPolicyRules})
	}
	return read
}

func statusesRead(all []corev1.ContainerStatus) (read []corev1.ContainerStatus) {
	for _, s := range all {
		read = append(read, corev1.ContainerStatus{
			Name: s.Name, State: s.State, LastTerminationState: s.LastTerminationState, RestartCount: s.RestartCount,
		})
	}
	return read
}

// TestWhatIsReadIsEnough strips each pod of the tests from what is read of it, and from all of it.
func TestWhatIsReadIsEnough(t *testing.T) {
	all := somePods()
	read := fieldsRead(all)
	for i := range all.Items {
		want, got := Strip(&all.Items[i]), Strip(&read.Items[i])
		want.Usage, got.Usage = nil, nil
		if diff := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
			t.Errorf("pod %d (-all +read):\n%s", i, diff)
		}
	}
}

// unusualPods are messages that a PodList may hold although no server writes them so.
func unusualPods() map[string][]byte {
	text := func(number protowire.Number, value string) []byte {
		return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), value)
	}
	message := func(number protowire.Number, parts ...[]byte) []byte {
		return text(number, string(slices.Concat(parts...)))
	}
	group := func(number protowire.Number) []byte {
		return protowire.AppendTag(protowire.AppendTag(nil, number, protowire.StartGroupType), number, protowire.EndGroupType)
	}
	number := func(number protowire.Number) []byte {
		return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), 7)
	}
	const metadata, spec, status, name, namespace, nodeName, containers, unread = 1, 2, 3, 1, 3, 10, 2, 500
	return map[string][]byte{
		"nothing":                    {},
		"metadata twice":             slices.Concat(message(metadata, text(name, "a")), message(metadata, text(namespace, "ns"))),
		"a name twice":               message(metadata, text(name, "a"), text(name, "b")),
		"a spec in parts":            slices.Concat(message(spec, text(nodeName, "n")), message(status), message(spec, message(containers, text(name, "c")))),
		"an empty container":         message(spec, message(containers)),
		"a group that is not read":   slices.Concat(group(unread), message(metadata, group(unread), text(name, "a"))),
		"a group where metadata is":  group(metadata),
		"a number where metadata is": number(metadata),
		"a number where a name is":   message(metadata, number(name)),
		"a number that is not read":  message(metadata, number(unread), text(name, "a")),
		"a spec that is cut":         text(spec, "\x12\x05a"),
		"a container that is cut":    message(spec, text(containers, "\x0a\x05a")),
		"a field that cannot be":     message(metadata, []byte{0x02, 0x00}),
	}
}

// TestReadUnusualPods wants of each what the library wants: the pod, or an error.
func TestReadUnusualPods(t *testing.T) {
	for name, unusual := range unusualPods() {
		t.Run(name, func(t *testing.T) {
			want := corev1.Pod{}
			refused := want.Unmarshal(unusual)
			got, err := read(bytes.NewReader(listOf(unusual)))
			if (err != nil) != (refused != nil) || err != nil && !errors.Is(err, errMalformed) {
				t.Fatalf("error %v, the library's %v", err, refused)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(fieldsRead(&corev1.PodList{Items: []corev1.Pod{want}}), got); diff != "" {
				t.Errorf("(-library +own):\n%s", diff)
			}
		})
	}
}

// listOf is a list of one pod.
func listOf(pod []byte) []byte {
	list := protowire.AppendBytes(protowire.AppendTag(nil, fieldItems, protowire.BytesType), pod)
	return protowire.AppendBytes(protowire.AppendTag([]byte(protobufMagic), fieldRaw, protowire.BytesType), list)
}
