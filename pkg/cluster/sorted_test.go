package cluster

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSortedIsNotChangedUnderItsReaders compares with a map after each change, and checks at the end what readers kept of each moment.
func TestSortedIsNotChangedUnderItsReaders(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 0))
	names := func(all sorted[*Node]) (out []string) {
		for _, n := range all {
			out = append(out, n.Name+n.UID)
		}
		return out
	}
	var all sorted[*Node]
	model := map[string]string{}
	type moment struct {
		kept sorted[*Node]
		want []string
	}
	var moments []moment
	for i := range 2000 {
		n := &Node{Name: fmt.Sprintf("n%02d", r.IntN(40)), UID: fmt.Sprint(" ", i)}
		if r.IntN(3) == 0 {
			all.remove(n.Name)
			delete(model, n.Name)
		} else {
			all.put(n)
			model[n.Name] = n.UID
		}
		m := moment{kept: all}
		for _, name := range slices.Sorted(maps.Keys(model)) {
			m.want = append(m.want, name+model[name])
		}
		moments = append(moments, m)
	}
	for i, m := range moments {
		if diff := cmp.Diff(m.want, names(m.kept)); diff != "" {
			t.Fatalf("after change %d (-want +got):\n%s", i, diff)
		}
	}
}
