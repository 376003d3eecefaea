package cluster

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"testing"
)

// TestPostingIsASet adds and removes pods at random, up and down over the sizes at which buckets come and go.
func TestPostingIsASet(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			hash := maphash.MakeSeed()
			var set posting
			want, all := map[*entry]bool{}, entriesOf(4*fullBucket)
			for target := range []int{1, 2, 3, fullBucket, 3 * fullBucket, 2, 4 * fullBucket, 0} {
				for range 2000 {
					e := all[r.IntN(len(all))]
					switch grow := len(want) < target || r.IntN(4) == 0; {
					case want[e] && !grow:
						set.remove(e)
						delete(want, e)
					case want[e]:
					case grow:
						set.add(e, hash)
						want[e] = true
					default:
						set.remove(e) // It is not there.
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

func checkSet(t *testing.T, set posting, want map[*entry]bool) {
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

// TestBucketsStaySmall bounds what it costs to find a pod in a set: one bucket is looked through.
func TestBucketsStaySmall(t *testing.T) {
	hash := maphash.MakeSeed()
	var set posting
	all := entriesOf(40_000)
	for _, e := range all {
		set.add(e, hash)
	}
	largest := 0
	for _, bucket := range set.many.all {
		largest = max(largest, len(bucket))
	}
	if largest > 4*fullBucket {
		t.Errorf("of %d pods one bucket has %d, and there are %d", set.len(), largest, len(set.many.all))
	}
	for _, e := range all[1:] {
		set.remove(e)
	}
	if set.len() != 1 || set.many != nil || set.one != all[0] {
		t.Errorf("one pod is left, as %+v", set)
	}
}
