package cluster

import (
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
)

// TestReadersWhileThePodsChange lists while pods come, change and go. Every list is one that there was a moment for: in order, none
// twice, and all of it selected. The race detector sees the rest.
func TestReadersWhileThePodsChange(t *testing.T) {
	const lists, listsPerChange = 1000, 10
	c := newCompared(t, rand.New(rand.NewPCG(1, 0)))
	var readers sync.WaitGroup
	rounds := make(chan struct{})
	for reader := range uint64(4) {
		r := rand.New(rand.NewPCG(2, reader))
		readers.Go(func() {
			for i := range lists {
				if i%listsPerChange == 0 {
					rounds <- struct{}{}
				}
				checkMoment(t, c.kept, oneOf(r, "", "a", "b", "c"), aSelector(t, r))
			}
		})
	}
	go func() { readers.Wait(); close(rounds) }()
	for range rounds {
		if err := c.change(); err != nil {
			t.Error(err)
		}
	}
	c.checkList()
}

// checkMoment lists and reads the pods.
func checkMoment(t *testing.T, pods *Pods, namespace string, selector labels.Selector) {
	t.Helper()
	list := podsOf(t, pods, namespace, selector)
	inOrder := slices.IsSortedFunc(list, func(a, b *Pod) int {
		if a.Namespace == b.Namespace && a.Name == b.Name {
			return 1 // Twice is out of order too.
		}
		return strings.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	if !inOrder {
		t.Errorf("the pods of %q by %q are out of order", namespace, selector)
	}
	for _, p := range list {
		if namespace != "" && p.Namespace != namespace || !selector.Matches(p.Labels) {
			t.Errorf("%s/%s with labels %v is not of %q by %q", p.Namespace, p.Name, mapOf(p.Labels), namespace, selector)
		}
		pods.Running(p.Node)
		if again, ok := pods.Get(p.Namespace, p.Name); ok && again.UID == p.UID && again.Usage != p.Usage {
			t.Errorf("%s/%s has lost its cell", p.Namespace, p.Name)
		}
	}
}
