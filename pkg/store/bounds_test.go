package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

func TestOnlyImplausibleReadingsAreRejected(t *testing.T) {
	b := newEnv(t, maxAge)
	b.run("n", "p", "u", "a")
	put := func(cpu float64, mem uint64) PutResult {
		b.advance(15)
		id := Identity{Name: "n", CPU: 4e9, Memory: 1000}
		return b.store.Put(id, &sample.Node{Pods: pods(named("p", b.use("a", cpu, mem)))})
	}
	put(100, 7)
	put(101.5, 1100)
	b.want(shown{0, 15, "a=100ms/1.1µs"})
	put(161.5, 10_000)
	b.want(shown{0, 15, "a=4s/10µs"})
	if s := put(163, 10_001); s.Rejected[sample.Implausible] != 1 {
		t.Errorf("rejected %v", s.Rejected)
	}
	b.want(shown{15, 15, "a=4s/10µs"})
	put(164.5, 8)
	b.want(shown{0, 15, "a=100ms/8ns"})
	// 40 cores are ten times what the node declares: timestamps in whole seconds allow 34/30 of that.
	put(844.5, 8)
	b.want(shown{0, 15, "a=45.333333333s/8ns"})
	if s := put(1525, 8); s.Rejected[sample.Implausible] != 1 {
		t.Errorf("rejected %v", s.Rejected)
	}
	b.want(shown{15, 15, "a=45.333333333s/8ns"})
	put(1526.5, 8)
	b.want(shown{0, 15, "a=100ms/8ns"})
}

func swapOf(bytes uint64) usage.Extras { return usage.Extras{{Resource: sample.Swap, Value: bytes}} }

func TestSwap(t *testing.T) {
	tests := []struct {
		name     string
		capacity uint64
		known    bool
		value    uint64
		want     usage.Container
	}{
		{"in use", 1000, true, 5, usage.Container{Name: "a", CPU: 1e8, Memory: 7, Extra: swapOf(5)}},
		{"not in use", 1000, true, 0, usage.Container{Name: "a", CPU: 1e8, Memory: 7, Extra: swapOf(0)}},
		{"not reported", 1000, false, 0, usage.Container{Name: "a", CPU: 1e8, Memory: 7}},
		{"a zero of a node without swap", 0, true, 0, usage.Container{Name: "a", CPU: 1e8, Memory: 7}},
		{"more than the node declares", 1000, true, 10_000, usage.Container{Name: "a", CPU: 1e8, Memory: 7, Extra: swapOf(10_000)}},
		{"absurd", 1000, true, 10_001, usage.Container{Name: "a", CPU: 1e8, Memory: 7}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.run("n", "p", "u", "a")
			for i := range 2 {
				b.advance(15)
				c := b.use("a", 100+float64(i)*1.5, 7)
				c.Extra = sample.ExtraReadings(nil).Set(sample.Swap, sample.Reading{Known: tt.known, Time: c.CPU.Time, Value: tt.value})
				n := &sample.Node{Usage: c.Usage, Pods: pods(named("p", c))}
				b.store.Put(Identity{Name: "n", Swap: tt.capacity}, n)
			}
			got, _ := b.pod("n", "ns", "p", "u")
			if diff := cmp.Diff([]usage.Container{tt.want}, got.Containers); diff != "" {
				t.Errorf("containers (-want +got):\n%s", diff)
			}
			n, _ := b.node("n")
			if diff := cmp.Diff(tt.want.Extra, n.Extra); diff != "" {
				t.Errorf("node (-want +got):\n%s", diff)
			}
		})
	}
}
