package encode_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// number is one of every magnitude, often whole in some unit.
func number(r *rand.Rand) uint64 {
	n := r.Uint64() >> (1 + r.IntN(63))
	for range r.IntN(5) {
		n = n / 1000 * 1000
	}
	if r.IntN(3) == 0 {
		n = n >> 10 << 10
	}
	return n
}

// TestLikeTheLibrary compares what is written of a pod with what the API's types give of the same numbers.
func TestLikeTheLibrary(t *testing.T) {
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 0))
		labels := map[string]string{}
		for range r.IntN(4) {
			labels[[]string{"app", "a/b", "é<&>\"", "zone"}[r.IntN(4)]] = string(bytes.Repeat([]byte("x"), r.IntN(200)))
		}
		u := &store.PodUsage{Time: time.Unix(int64(r.Uint32()), int64(r.IntN(1e9))), Window: time.Duration(number(r))}
		want := &metricsv1beta1.PodMetrics{
			ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "n", UID: "u", ResourceVersion: "7", Labels: labels},
			Timestamp:  metav1.NewTime(u.Time), Window: metav1.Duration{Duration: u.Window},
		}
		m := encode.Meta{Namespace: "n", Name: "p", UID: "u", Version: 7, Labels: func(yield func(string, string) bool) {
			for _, key := range slices.Sorted(maps.Keys(labels)) {
				if !yield(key, labels[key]) {
					return
				}
			}
		}}
		if m.Created = int64(r.IntN(2)) * int64(r.Uint32()); m.Created != 0 {
			want.CreationTimestamp = metav1.Unix(m.Created, 0)
		}
		for _, name := range []string{"a", "b"}[:1+r.IntN(2)] {
			c := store.ContainerUsage{Name: name, CPU: number(r), Memory: number(r), Swap: number(r), HasSwap: r.IntN(2) == 0}
			u.Containers = append(u.Containers, c)
			list := corev1.ResourceList{
				"cpu": *resource.NewScaledQuantity(int64(c.CPU), resource.Nano), "memory": *resource.NewQuantity(int64(c.Memory), resource.BinarySI),
			}
			if c.HasSwap {
				list["swap"] = *resource.NewQuantity(int64(c.Swap), resource.BinarySI)
			}
			want.Containers = append(want.Containers, metricsv1beta1.ContainerMetrics{Name: name, Usage: list})
		}
		compare(t, seed, want, encode.PodJSON(nil, m, u), encode.PodProtobuf(nil, m, u))
	}
}

func compare(t *testing.T, seed uint64, want *metricsv1beta1.PodMetrics, text, message []byte) {
	t.Helper()
	wantText, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(wantText), string(text)); diff != "" {
		t.Fatalf("seed %d: JSON (-want +got):\n%s", seed, diff)
	}
	wantMessage, err := want.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(wantMessage, message) {
		t.Fatalf("seed %d: protobuf differs:\n%q\n%q", seed, wantMessage, message)
	}
}
