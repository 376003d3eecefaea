package podmetrics_test

import (
	"fmt"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
)

// BenchmarkList makes the objects of a list, before they are encoded.
func BenchmarkList(b *testing.B) {
	const size = 1000
	all, published := pods{}, usages{}
	for i := range size {
		name := fmt.Sprintf("pod-%d", i)
		all = append(all, running(name))
		published[key{"n1", "shop", name, "uid-" + name}] = used(web, web)
	}
	rest := podmetrics.NewREST(all, published.reader(all), messages{})
	b.ReportAllocs()
	for b.Loop() {
		list, err := listPods(b.Context(), rest, "shop", "")
		if err != nil || len(list.Items) != size {
			b.Fatalf("got %v, %v", list, err)
		}
	}
}
