package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestPodSet adds and removes pods at random, up and down over the sizes at which it becomes a map and a slice again.
func TestPodSet(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			var set podSet
			want, all := map[*entry]bool{}, entriesOf(3*fewPods)
			for _, target := range []int{1, 2, 3, fewPods, fewPods / 4, 2, 2 * fewPods, 0} {
				for range 3 * fewPods {
					e := all[r.IntN(len(all))]
					switch grow := len(want) < target || r.IntN(4) == 0; {
					case want[e] && !grow:
						set.change(e, false)
						delete(want, e)
					case want[e]:
					case grow:
						set.change(e, true)
						want[e] = true
					default:
						set.change(e, false) // It is not there.
					}
					if set.len() != len(want) {
						t.Fatalf("the set has %d pods, want %d", set.len(), len(want))
					}
				}
				checkSet(t, set, want)
			}
		})
	}
}

func entriesOf(n int) []*entry {
	all := make([]*entry, n)
	for i := range all {
		all[i] = &entry{}
		all[i].pod.Store(&Pod{Namespace: "ns", Name: fmt.Sprintf("pod-%d", i)})
	}
	return all
}

func checkSet(t *testing.T, set podSet, want map[*entry]bool) {
	t.Helper()
	got := map[*entry]bool{}
	for _, e := range set.appendTo(nil) {
		if got[e] || !want[e] {
			t.Fatalf("pod %s is in the set twice, or should not be", e.pod.Load().Name)
		}
		got[e] = true
	}
	if len(got) != len(want) {
		t.Fatalf("the set gave %d pods, want %d", len(got), len(want))
	}
}

// TestBucketsStaySmall bounds what it costs to remove a pod from a set: one bucket is searched.
func TestBucketsStaySmall(t *testing.T) {
	var set podSet
	all := entriesOf(40_000)
	for i, e := range all {
		if set.change(e, true); set.len() != i+1 {
			t.Fatalf("the set has %d pods, want %d", set.len(), i+1)
		}
	}
	for _, bucket := range set.several.all {
		if len(bucket) > 4*len(all)/manyBuckets {
			t.Errorf("of %d pods one bucket has %d, and there are %d", len(all), len(bucket), len(set.several.all))
		}
	}
	for _, e := range all[1:] {
		set.change(e, false)
	}
	if left := set.appendTo(nil); len(left) != 1 || left[0] != all[0] || set.len() != 1 {
		t.Errorf("%d pods are left, and counted %d", len(left), set.len())
	}
}
