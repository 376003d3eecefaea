package cluster

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
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

// busyPod has a value in each field that is read, and in other fields.
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
		if _, err := readPods(bytes.NewReader(text), fieldsOfPod(false), func(p *corev1.Pod) { Strip(p) }); err != nil {
			b.Fatal(err)
		}
	}
}

// read reads all that there is.
func read(from io.Reader) (*corev1.PodList, error) {
	list := &corev1.PodList{}
	var err error
	list.ListMeta, err = readPods(from, fieldsOfPod(false), func(p *corev1.Pod) { list.Items = append(list.Items, *p.DeepCopy()) })
	return list, err
}

// TestPodsOfAListShareNothing reads pods after ones that have more, in whose memory they are decoded, and strips them as they come.
func TestPodsOfAListShareNothing(t *testing.T) {
	list := &corev1.PodList{Items: []corev1.Pod{*busyPod(), *fullPod("ns", "a", "n1"), {}, *busyPod(), *fullPod("ns", "b", "n2")}}
	var got, want []*Pod
	if _, err := readPods(bytes.NewReader(encoded(t, list)), fieldsOfPod(false), func(p *corev1.Pod) { got = append(got, Strip(p)) }); err != nil {
		t.Fatal(err)
	}
	for i := range list.Items {
		want = append(want, Strip(&list.Items[i]))
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Labels{}), cmpopts.IgnoreFields(Pod{}, "Usage"), cmpopts.IgnoreUnexported(Pod{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
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

func TestReadPodsRefuses(t *testing.T) {
	errLost := errors.New("the connection is lost")
	complete := encoded(t, somePods())
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
		{"a connection that is lost", io.MultiReader(bytes.NewReader(complete[:len(complete)/2]), iotest.ErrReader(errLost)), errLost},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := read(tt.from); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestReadPodsNoticesTheEnd cuts a list at every byte. Half a list that is taken for all of it would have the pods of the other half forgotten.
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
	for _, unusual := range unusualPods() {
		f.Add(listOf(unusual))
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
