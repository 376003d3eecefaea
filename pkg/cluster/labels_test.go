package cluster

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/labels"
)

// anySet is a small set of labels. Keys and values are often alike, and values are often empty.
func anySet(r *rand.Rand) labels.Set {
	if r.IntN(8) == 0 {
		return nil
	}
	set := labels.Set{}
	for range r.IntN(5) {
		set[oneOf(r, "app", "app.example/name", "tier", "x", "y")] = oneOf(r, "", "app", "x", "y", "xy")
	}
	return set
}

func oneOf[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// TestLabelsMatchLikeASet compares them with the library's, which are a map.
func TestLabelsMatchLikeASet(t *testing.T) {
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		set := anySet(r)
		t.Run(fmt.Sprintf("%d: %s", seed, set), func(t *testing.T) {
			got := NewLabels(set)
			want := maps.Clone(set)
			clear(set) // Nothing is kept of it.
			for _, key := range []string{"app", "app.example/name", "tier", "x", "y", "ap", "", "name"} {
				value, exists := got.Lookup(key)
				wantValue, wantExists := want.Lookup(key)
				if value != wantValue || exists != wantExists || got.Get(key) != wantValue || got.Has(key) != wantExists {
					t.Errorf("%q is %q, %t, want %q, %t", key, value, exists, wantValue, wantExists)
				}
			}
			checkAll(t, want, got)
			if other := NewLabels(anySet(r)); (other == got) != maps.Equal(mapOf(other), mapOf(got)) {
				t.Errorf("%v and %v are equal: %t", mapOf(other), mapOf(got), other == got)
			}
			if again := NewLabels(want); again != got {
				t.Error("the same labels differ")
			}
		})
	}
}

// checkAll wants each label once, in the order of the keys, and the walk to stop where the caller stops it.
func checkAll(t *testing.T, want labels.Set, got Labels) {
	t.Helper()
	var keys []string
	for key, value := range got.All() {
		if keys = append(keys, key); value != want[key] {
			t.Errorf("%q is %q, want %q", key, value, want[key])
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), keys); diff != "" {
		t.Errorf("keys in order (-want +got):\n%s", diff)
	}
	for stop := 1; stop <= len(keys); stop++ {
		walked := 0
		got.All()(func(string, string) bool { walked++; return walked < stop })
		if walked != stop {
			t.Errorf("walked %d labels, had to stop after %d", walked, stop)
		}
	}
}

// mapOf is a map of the labels.
func mapOf(l Labels) map[string]string { return maps.Collect(l.All()) }
