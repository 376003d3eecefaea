package cluster

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

// BenchmarkPages selects all pods of one namespace 500 at a time, and at once, which is 0: the pages of a list must not cost as the square of its length.
func BenchmarkPages(b *testing.B) {
	for _, size := range []int{30_000, 150_000} {
		pods := manyPods(size)
		for _, most := range []int{0, 500} {
			b.Run(fmt.Sprintf("%d pods in pages of %d", size, most), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					listed, from := 0, cache.ObjectName{}
					for {
						page, err := pods.List(b.Context(), "shop", labels.Everything(), from, most)
						if err != nil {
							b.Fatal(err)
						}
						if listed += len(page); most == 0 || len(page) < most {
							break
						}
						from = page[len(page)-1].objectName()
						from.Name += "\x00"
					}
					if listed != size {
						b.Fatalf("%d pods are selected, want %d", listed, size)
					}
				}
			})
		}
	}
}
