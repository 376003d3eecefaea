package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// TestReadingsOfAnOlderInstanceAreRejected has the kubelet name the instance before, which still ends: neither its CPU nor its memory is that
// of the instance that is entry.
func TestReadingsOfAnOlderInstanceAreRejected(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	scrape := func(cpu float64, began int64, memory uint64) {
		b.advance(15)
		c := b.use("a", cpu, memory)
		c.Start, c.Extra = began, sample.ExtraReadings(nil).Set(sample.Swap, sample.Reading{Known: true, Time: c.CPU.Time, Value: memory})
		b.store.Put(Identity{Name: "n", Swap: 1000}, &sample.Node{Pods: pods(named("p", c))})
	}
	for i := range 2 {
		scrape(5+float64(i)*1.5, start.UnixNano(), 16)
	}
	b.want(shown{0, 15, "a=100ms/16ns"})
	scrape(100, start.UnixNano()-3600e9, 64)
	b.want(shown{15, 15, "a=100ms/16ns"})
	u, _ := b.pod("n", "ns", "p", "u")
	if diff := cmp.Diff(swapOf(16), u.Containers[0].Extra); diff != "" {
		t.Errorf("swap (-want +got):\n%s", diff)
	}
}
