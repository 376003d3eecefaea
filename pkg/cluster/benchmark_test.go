package cluster

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
)

// BenchmarkListByLabel selects 30 pods in ever larger namespaces: the ratio of the sizes is what a list by label must not cost.
func BenchmarkListByLabel(b *testing.B) {
	for _, size := range []int{300, 3_000, 30_000} {
		pods := manyPods(size)
		for _, text := range []string{"app=workload-3", "app=workload-3,tier=backend", "app in (workload-3)"} {
			selector, err := labels.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/pods=%d", text, size), func(b *testing.B) { list(b, pods, selector, replicas) })
		}
	}
}

// BenchmarkListAll has no selector, as the list of kubectl top.
func BenchmarkListAll(b *testing.B) {
	const size = 30_000
	pods := manyPods(size)
	list(b, pods, labels.Everything(), size)
}

func list(b *testing.B, pods *Pods, selector labels.Selector, want int) {
	b.ReportAllocs()
	for b.Loop() {
		if got := len(podsOf(b, pods, "shop", selector)); got != want {
			b.Fatalf("%d pods are selected, want %d", got, want)
		}
	}
}

// BenchmarkUpdate is a change of one of many pods: of its labels, which many have, and of something else.
func BenchmarkUpdate(b *testing.B) {
	const size = 30_000
	pods := manyPods(size)
	one, _ := pods.Get("shop", "workload-3-100")
	for _, bb := range []struct {
		name   string
		labels []Labels
	}{
		{"same labels", []Labels{one.Labels, one.Labels}},
		{"other labels", []Labels{one.Labels, NewLabels(map[string]string{"app": "other", "tier": "backend"})}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				changed := *one
				changed.Labels = bb.labels[i%2]
				pods.put(&changed)
			}
		})
	}
}
