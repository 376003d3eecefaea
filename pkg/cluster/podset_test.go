package cluster

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestPodSet adds and removes pods at random, up and down from one pod, which is kept without a map, to many.
func TestPodSet(t *testing.T) {
	const manyPods = 4096
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			var set podSet
			want, all := map[*entry]bool{}, entriesOf(3*manyPods)
			for _, target := range []int{1, 2, 3, manyPods, manyPods / 4, 2, 2 * manyPods, 0} {
				for range 3 * manyPods {
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
