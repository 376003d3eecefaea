package encode_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// object is the same object twice: as this package takes it, and as the library has it.
type object struct {
	meta encode.Meta
	api  metav1.ObjectMeta
}

// objectOf is an object with these labels; created is in Unix seconds, 0 where it is unknown.
func objectOf(namespace, name string, created int64, labels map[string]string) object {
	o := object{
		meta: encode.Meta{Namespace: namespace, Name: name, UID: "u", Version: 7, Created: created},
		api:  metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID("u"), ResourceVersion: "7", Labels: labels},
	}
	if created != 0 {
		o.api.CreationTimestamp = metav1.Unix(created, 0)
	}
	if labels != nil {
		o.meta.Labels = func(yield func(string, string) bool) {
			for _, key := range slices.Sorted(maps.Keys(labels)) {
				if !yield(key, labels[key]) {
					return
				}
			}
		}
	}
	return o
}

// resources are what the library has of some usage.
func resources(cpu, memory uint64, extra usage.Extras) corev1.ResourceList {
	list := corev1.ResourceList{
		"cpu":    *resource.NewScaledQuantity(int64(cpu), resource.Nano),
		"memory": *resource.NewQuantity(int64(memory), resource.BinarySI),
	}
	for _, x := range extra {
		quantity := resource.NewQuantity(int64(x.Value), resource.BinarySI)
		switch x.Resource.Info().Unit {
		case sample.Millionths:
			quantity = resource.NewScaledQuantity(int64(x.Value), resource.Micro)
		case sample.Billionths:
			quantity = resource.NewScaledQuantity(int64(x.Value), resource.Nano)
		}
		list[corev1.ResourceName(x.Resource.Info().Key)] = *quantity
	}
	return list
}

// diskAndSwap are those two, each where it is known, and CPU pressure and the CPU of the pod of the same value as swap.
func diskAndSwap(disk, swap uint64, hasDisk, hasSwap bool) (all usage.Extras) {
	if hasDisk {
		all = all.Add(sample.EphemeralStorage, disk)
	}
	if hasSwap {
		all = all.Add(sample.CPUPressureSome10s, swap).Add(sample.PodCPU, swap).Add(sample.Swap, swap)
	}
	return all
}

// comparePod has a pod written by both sides.
func comparePod(t *testing.T, o object, u *usage.Pod) {
	t.Helper()
	compare(t, libraryPod(o, u), encode.PodJSON(nil, o.meta, u), encode.PodProtobuf(nil, o.meta, u))
}

func libraryPod(o object, u *usage.Pod) *metricsv1beta1.PodMetrics {
	pod := &metricsv1beta1.PodMetrics{
		ObjectMeta: o.api, Timestamp: metav1.NewTime(u.Time), Window: metav1.Duration{Duration: u.Window},
		Containers: make([]metricsv1beta1.ContainerMetrics, len(u.Containers)),
	}
	for i, c := range u.Containers {
		pod.Containers[i] = metricsv1beta1.ContainerMetrics{
			Name: c.Name, Usage: resources(c.CPU, c.Memory, c.Extra),
		}
	}
	return pod
}

// compareNode has a node written by both sides.
func compareNode(t *testing.T, o object, u *usage.Node) {
	t.Helper()
	want := &metricsv1beta1.NodeMetrics{
		ObjectMeta: o.api, Timestamp: metav1.NewTime(u.Time), Window: metav1.Duration{Duration: u.Window},
		Usage: resources(u.CPU, u.Memory, u.Extra),
	}
	compare(t, want, encode.NodeJSON(nil, o.meta, u), encode.NodeProtobuf(nil, o.meta, u))
}

// compare ends the test where anything differs from what the library writes.
func compare(t *testing.T, want interface{ Marshal() ([]byte, error) }, text, message []byte) {
	t.Helper()
	wantText, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(wantText, text) {
		t.Fatalf("JSON (-want +got):\n%s", cmp.Diff(string(wantText), string(text)))
	}
	wantMessage, err := want.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(wantMessage, message) {
		at := firstDifference(wantMessage, message)
		t.Fatalf("protobuf of %d bytes, want %d, differs from byte %d on:\n%q\n%q", len(message), len(wantMessage), at,
			wantMessage[at:min(len(wantMessage), at+200)], message[at:min(len(message), at+200)])
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
