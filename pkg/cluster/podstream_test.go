package cluster

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
)

// encoded is a list as the API server writes it.
func encoded(t testing.TB, list *corev1.PodList) []byte {
	t.Helper()
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	text, err := runtime.Encode(scheme.Codecs.EncoderForVersion(info.Serializer, corev1.SchemeGroupVersion), list)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func somePods() *corev1.PodList {
	left := int64(7)
	return &corev1.PodList{
		ListMeta: metav1.ListMeta{ResourceVersion: "42", Continue: "more", RemainingItemCount: &left},
		Items:    []corev1.Pod{*fullPod("ns", "a", "n1"), *fullPod("ns", "b", "n2"), *fullPod("other", "a", "n1"), *busyPod()},
	}
}

// busyPod has something in each field that is read, and beside it.
func busyPod() *corev1.Pod {
	pod := fullPod("ns", "busy", "n3")
	always := corev1.ContainerRestartPolicyAlways
	terminated := corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error"}}
	waiting := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
	pod.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
	pod.Spec.RestartPolicy = corev1.RestartPolicyAlways
	never, now := corev1.ContainerRestartPolicyNever, metav1.NewTime(time.Unix(1_785_924_100, 0))
	pod.DeletionTimestamp = &now
	rule := corev1.ContainerRestartRule{
		Action:    corev1.ContainerRestartRuleActionRestart,
		ExitCodes: &corev1.ContainerRestartRuleOnExitCodes{Operator: corev1.ContainerRestartRuleOnExitCodesOpIn, Values: []int32{42}},
	}
	pod.Spec.InitContainers = []corev1.Container{{Name: "sidecar", Image: "image", RestartPolicy: &always}, {Name: "done", Image: "image"}}
	pod.Spec.Containers = append(pod.Spec.Containers, corev1.Container{Name: "b", Env: []corev1.EnvVar{{Name: "X", Value: strings.Repeat("y", 300)}}}, corev1.Container{Name: "c", RestartPolicy: &never, RestartPolicyRules: []corev1.ContainerRestartRule{rule}})
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse}}
	pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "sidecar", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: now}}}, {Name: "done", State: terminated}}
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{
		{Name: "a", State: waiting, Image: "image"}, {Name: "b", State: waiting, RestartCount: 3}, {Name: "c", State: waiting, LastTerminationState: terminated},
	}
	return pod
}

func BenchmarkReadPods(b *testing.B) {
	list := &corev1.PodList{}
	for range 1000 {
		list.Items = append(list.Items, *busyPod())
	}
	text := encoded(b, list)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := readPods(bytes.NewReader(text), func(p *corev1.Pod) { Strip(p) }); err != nil {
			b.Fatal(err)
		}
	}
}

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

// read reads all that there is.
func read(from io.Reader) (*corev1.PodList, error) {
	list := &corev1.PodList{}
	var err error
	list.ListMeta, err = readPods(from, func(p *corev1.Pod) { list.Items = append(list.Items, *p) })
	return list, err
}

func TestReadPods(t *testing.T) {
	tests := []struct {
		name string
		list *corev1.PodList
	}{
		{"some", somePods()},
		{"none", &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "1"}}},
		{"nothing at all", &corev1.PodList{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text := encoded(t, tt.list)
			for name, from := range map[string]io.Reader{
				"at once": bytes.NewReader(text), "byte by byte": iotest.OneByteReader(bytes.NewReader(text)),
				"with the end": iotest.DataErrReader(bytes.NewReader(text)),
			} {
				got, err := read(from)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if diff := cmp.Diff(fieldsRead(tt.list), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// TestReadPodsOfAnotherVersion adds what a later API may have: fields that this version does not know.
func TestReadPodsOfAnotherVersion(t *testing.T) {
	list, err := somePods().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, 9<<3|2, 3, 'x', 'y', 'z')
	text := append([]byte(protobufMagic), 7<<3|2, 1, 'x')
	text = append(text, fieldRaw<<3|2, byte(len(list)&0x7f|0x80), byte(len(list)>>7))
	text = append(text, list...)
	text = append(text, 8<<3|2, 0)
	got, err := read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(fieldsRead(somePods()), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// oddPods are messages that a PodList may hold although no server writes them so.
func oddPods() map[string][]byte {
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

// TestReadOddPods wants of each what the library wants: the pod, or an error.
func TestReadOddPods(t *testing.T) {
	for name, odd := range oddPods() {
		t.Run(name, func(t *testing.T) {
			want := corev1.Pod{}
			refused := want.Unmarshal(odd)
			got, err := read(bytes.NewReader(listOf(odd)))
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

func TestReadPodsRefuses(t *testing.T) {
	errLost := errors.New("the connection is lost")
	whole := encoded(t, somePods())
	tests := []struct {
		name string
		from io.Reader
		want error
	}{
		{"nothing", bytes.NewReader(nil), io.ErrUnexpectedEOF},
		{"JSON", bytes.NewReader([]byte(`{"kind":"PodList"}`)), errNoEnvelope},
		{"an envelope without an object", bytes.NewReader([]byte(protobufMagic)), errNoList},
		{"a number where a list should be", bytes.NewReader([]byte(protobufMagic + "\x10\x01")), errMalformed},
		{"an object without bounds", bytes.NewReader([]byte(protobufMagic + "\x12\xff\xff\xff\xff\x7f\x12\xff\xff\xff\xff\x7f")), errMalformed},
		{"a list without bounds", bytes.NewReader([]byte(protobufMagic + "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")), errMalformed},
		{"two lists", bytes.NewReader([]byte(protobufMagic + "\x12\x00\x12\x00")), errMalformed},
		{"a field that cannot be", bytes.NewReader([]byte(protobufMagic + "\x02\x00\x12\x00")), errMalformed},
		{"a pod that is none", bytes.NewReader([]byte(protobufMagic + "\x12\x04\x12\x02\x0a\x7f")), errMalformed},
		{"a connection that is lost", io.MultiReader(bytes.NewReader(whole[:len(whole)/2]), iotest.ErrReader(errLost)), errLost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := read(tt.from); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestReadPodsNoticesTheEnd cuts a list at every byte. Half a list that looks whole would have the pods of the other half forgotten.
func TestReadPodsNoticesTheEnd(t *testing.T) {
	list, err := somePods().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	text := append([]byte(protobufMagic), fieldRaw<<3|2, byte(len(list)&0x7f|0x80), byte(len(list)>>7))
	text = append(text, list...)
	for n := range text {
		if _, err := read(bytes.NewReader(text[:n])); err == nil {
			t.Errorf("the first %d bytes of %d are taken for all", n, len(text))
		}
	}
}

// FuzzReadPods compares with the library, wherever that finds a list.
func FuzzReadPods(f *testing.F) {
	f.Add(encoded(f, somePods()))
	f.Add(encoded(f, &corev1.PodList{}))
	f.Add([]byte(protobufMagic + "\x12\x04\x12\x02\x0a\x00"))
	for _, odd := range oddPods() {
		f.Add(listOf(odd))
	}
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := read(bytes.NewReader(text))
		if err != nil {
			return // It refuses lists of which the library takes the last.
		}
		want := &corev1.PodList{}
		if object, _, err := info.Serializer.Decode(text, nil, want); err != nil || object != runtime.Object(want) {
			return // The library wants more of an envelope than we do, and reads all of a pod.
		}
		want.TypeMeta = metav1.TypeMeta{}
		if diff := cmp.Diff(fieldsRead(want), got); diff != "" {
			t.Errorf("(-library +own):\n%s", diff)
		}
	})
}
