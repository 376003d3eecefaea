package cluster

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

// BenchmarkPages selects all pods of one namespace 500 at a time, and at once, which is 0, with no selector and by a label that all have: the pages of a list must
// not cost as the square of its length.
func BenchmarkPages(b *testing.B) {
	for _, bb := range []struct {
		size, most int
		selector   string
	}{
		{30_000, 0, ""}, {30_000, 500, ""}, {150_000, 0, ""}, {150_000, 500, ""},
		{30_000, 0, "tier=backend"}, {30_000, 500, "tier=backend"}, {150_000, 0, "tier=backend"}, {150_000, 500, "tier=backend"},
	} {
		pods := manyPods(bb.size)
		selector, err := labels.Parse(bb.selector)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%d pods in pages of %d by %q", bb.size, bb.most, bb.selector), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				listed, from := 0, cache.ObjectName{}
				for {
					page, err := pods.List(b.Context(), "shop", selector, from, bb.most)
					if err != nil {
						b.Fatal(err)
					}
					if listed += len(page); bb.most == 0 || len(page) < bb.most {
						break
					}
					from = page[len(page)-1].objectName()
					from.Name += "\x00"
				}
				if listed != bb.size {
					b.Fatalf("%d pods are selected, want %d", listed, bb.size)
				}
			}
		})
	}
}
