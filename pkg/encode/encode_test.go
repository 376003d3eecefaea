package encode_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// number is a value of any magnitude, often a multiple of some unit.
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

// anObject has few labels or none, and now and then no time of creation.
func anObject(r *rand.Rand, namespace string) object {
	var labels map[string]string
	for range r.IntN(4) {
		if labels == nil {
			labels = map[string]string{}
		}
		labels[[]string{"app", "a/b", "é<&>\"", "zone"}[r.IntN(4)]] = strings.Repeat("x", r.IntN(200))
	}
	return objectOf(namespace, "p", int64(r.IntN(2))*int64(r.Uint32()), labels)
}

// TestPodsAreEncodedLikeTheLibrary compares the encoding of a pod with that of the API's types for the same values.
func TestPodsAreEncodedLikeTheLibrary(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		u := &usage.Pod{Time: time.Unix(int64(r.Uint32()), int64(r.IntN(1e9))), Window: time.Duration(number(r))}
		for _, name := range []string{"a", "b"}[:1+r.IntN(2)] {
			u.Containers = append(u.Containers, usage.Container{
				Name: name, CPU: number(r), Memory: number(r),
				Extra: someExtras(r),
			})
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) { comparePod(t, anObject(r, "n"), u) })
	}
}

// someExtras are extra resources of all kinds, each of them or not.
func someExtras(r *rand.Rand) (all usage.Extras) {
	for resource := range sample.AllResources.All() {
		if r.IntN(2) == 0 {
			all = all.Add(resource, number(r))
		}
	}
	return all
}

// TestNodesAreEncodedLikeTheLibrary does the same with nodes, which have no namespace.
func TestNodesAreEncodedLikeTheLibrary(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		u := &usage.Node{
			Time: time.Unix(int64(r.Uint32()), int64(r.IntN(1e9))), Window: time.Duration(number(r)),
			CPU: number(r), Memory: number(r),
			Extra: someExtras(r),
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) { compareNode(t, anObject(r, ""), u) })
	}
}

// TestTextIsAppended has every writer leave alone what is there already.
func TestTextIsAppended(t *testing.T) {
	pod := &usage.Pod{Time: time.Unix(1, 0), Window: 1, Containers: []usage.Container{{Name: "a"}}}
	node := &usage.Node{Time: time.Unix(1, 0), Window: 1}
	o := objectOf("n", "p", 1, map[string]string{"app": strings.Repeat("x", 300)})
	for name, write := range map[string]func([]byte) []byte{
		"PodJSON":      func(b []byte) []byte { return encode.PodJSON(b, o.meta, pod) },
		"PodProtobuf":  func(b []byte) []byte { return encode.PodProtobuf(b, o.meta, pod) },
		"NodeJSON":     func(b []byte) []byte { return encode.NodeJSON(b, o.meta, node) },
		"NodeProtobuf": func(b []byte) []byte { return encode.NodeProtobuf(b, o.meta, node) },
	} {
		t.Run(name, func(t *testing.T) {
			want := "before" + string(write(nil))
			if got := string(write([]byte("before"))); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
