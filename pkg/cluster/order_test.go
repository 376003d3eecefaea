package cluster

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
)

// TestOrderOfManyPods has pods come and go between lists of all of them, few and many at a time.
func TestOrderOfManyPods(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 0))
	pods := newPods()
	there := map[string]bool{}
	for range 60 {
		for range r.IntN(1 << r.IntN(11)) {
			name := fmt.Sprintf("p%03d", r.IntN(900))
			pod := &Pod{Namespace: "shop", Name: name}
			if there[name] && r.IntN(3) > 0 {
				delete(there, name)
				pods.remove(pod)
				continue
			}
			there[name] = true
			pods.set(pod)
		}
		var got []string
		for _, pod := range podsOf(t, pods, "shop", labels.Everything()) {
			got = append(got, pod.Name)
		}
		if !slices.IsSorted(got) || len(got) != len(there) {
			t.Fatalf("%d pods are listed, in order: %t, want %d", len(got), slices.IsSorted(got), len(there))
		}
		for _, name := range got {
			if !there[name] {
				t.Fatalf("pod %s is gone and listed", name)
			}
		}
		if ns := pods.namespaces["shop"]; ns != nil {
			checkKept(t, &ns.order, len(there))
		}
	}
}

// checkKept bounds what is kept of pods that are gone, and wants them counted right.
func checkKept(t *testing.T, o *order, live int) {
	t.Helper()
	kept := len(o.sorted) + len(o.added)
	if kept-o.gone != live || o.gone > live/goneShare+fewGone {
		t.Errorf("%d places are kept for %d pods, of which %d are said to be gone", kept, live, o.gone)
	}
}

// TestListIsAdoptedUnlessPodsWereDeleted merges while something else happens.
func TestListIsAdoptedUnlessPodsWereDeleted(t *testing.T) {
	all := entriesOf(4)
	for name, tt := range map[string]struct {
		meanwhile func(*order)
		adopted   bool
	}{
		"nothing":   {func(*order) {}, true},
		"one comes": {func(o *order) { o.add(all[3]) }, true},
		"another reader has merged": {func(o *order) {
			then := *o
			o.adopt(then, then.merged())
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			o := &order{}
			for _, e := range all[:3] {
				o.add(e)
			}
			then := *o
			merged := then.merged()
			tt.meanwhile(o)
			o.adopt(then, merged)
			if got := len(o.sorted) > 0 && &o.sorted[0] == &merged[0]; got != tt.adopted {
				t.Errorf("what was merged was adopted: %t, want %t", got, tt.adopted)
			}
			if want := len(o.sorted) + len(o.added); len(o.merged()) != want {
				t.Errorf("%d pods are in order, want %d", len(o.merged()), want)
			}
		})
	}
}
