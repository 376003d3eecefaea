package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// reported are readings of extra resources, taken now.
func (b *env) reported(values map[sample.Resource]uint64) (all sample.ExtraReadings) {
	for r, value := range values {
		all = all.Set(r, sample.Reading{Known: true, Time: b.clock.Now().UnixNano(), Value: value})
	}
	return all
}

// extrasOf are extra resources that are served.
func extrasOf(values map[sample.Resource]uint64) (all usage.Extras) {
	for r := range sample.AllResources.All() {
		if value, ok := values[r]; ok {
			all = all.Add(r, value)
		}
	}
	return all
}

// pressured is a container that has used cpu core-seconds, with extra resources.
func (b *env) pressured(name string, cpu float64, values map[sample.Resource]uint64) sample.Container {
	c := b.use(name, cpu, 7)
	c.Extra = b.reported(values)
	return c
}

// TestAdditiveResourcesAreServedForAllContainersOrNone has the others be served for each container that has them, and containers that are
// idle have none of the others.
func TestAdditiveResourcesAreServedForAllContainersOrNone(t *testing.T) {
	const swap, disk, pressure = sample.Swap, sample.EphemeralStorage, sample.CPUPressureSome10s
	type values = map[sample.Resource]uint64
	tests := []struct {
		name         string
		a, b         values
		idle         bool
		wantA, wantB values
	}{
		{"both have all", values{swap: 1, disk: 2, pressure: 3}, values{swap: 4, disk: 5, pressure: 6}, false,
			values{swap: 1, disk: 2, pressure: 3}, values{swap: 4, disk: 5, pressure: 6}},
		{"one has no swap", values{swap: 1, pressure: 3}, values{pressure: 6}, false, values{pressure: 3}, values{pressure: 6}},
		{"one has no pressure", values{swap: 1, pressure: 3}, values{swap: 4}, false, values{swap: 1, pressure: 3}, values{swap: 4}},
		{"one has nothing", values{swap: 1, disk: 2, pressure: 3}, nil, false, values{pressure: 3}, nil},
		{"one is idle", values{swap: 1, disk: 2, pressure: 3}, nil, true, values{swap: 1, pressure: 3}, values{swap: 0}},
		{"pressure that cannot be", values{pressure: 1e6}, values{pressure: 1e6 + 1}, false, values{pressure: 1e6}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newEnv(t, maxAge)
			b.run("n", "p", "u", "a", "b")
			if tt.idle {
				b.pods["ns/p"] = Expected{Node: "n", UID: "u", Containers: []string{"a", "b"}, Idle: []string{"b"}}
			}
			for i := range 2 {
				b.advance(15)
				all := []sample.Container{b.pressured("a", 100+float64(i), tt.a)}
				if !tt.idle {
					all = append(all, b.pressured("b", 100+float64(i), tt.b))
				}
				b.store.Put(Identity{Name: "n", Swap: 1000}, &sample.Node{Pods: pods(named("p", all...))})
			}
			u, ok := b.pod("n", "ns", "p", "u")
			if !ok {
				t.Fatal("the pod is not served")
			}
			if diff := cmp.Diff([]usage.Extras{extrasOf(tt.wantA), extrasOf(tt.wantB)}, []usage.Extras{u.Containers[0].Extra, u.Containers[1].Extra}); diff != "" {
				t.Errorf("extra resources (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUsageOfAPodAsAWhole is served with the first container of the object, and zero with all others, be they idle or not: readers add up.
func TestUsageOfAPodAsAWhole(t *testing.T) {
	const cpu, memory = sample.PodCPU, sample.PodMemory
	type values = map[sample.Resource]uint64
	for _, tt := range []struct {
		name, idle string
		values     values
		want       [2]values
	}{
		{"both", "", values{cpu: 3, memory: 4}, [2]values{{cpu: 3, memory: 4}, {cpu: 0, memory: 0}}},
		{"the first is idle", "a", values{cpu: 3}, [2]values{{cpu: 3}, {cpu: 0}}},
		{"the second is idle", "b", values{memory: 4}, [2]values{{memory: 4}, {memory: 0}}},
		{"nothing", "", nil, [2]values{}},
		{"ten times what the node has", "", values{cpu: 20e9, memory: 20 << 30}, [2]values{{cpu: 20e9, memory: 20 << 30}, {cpu: 0, memory: 0}}},
		{"more than that", "", values{cpu: 20e9 + 1, memory: 20<<30 + 1}, [2]values{}},
	} {
		for _, further := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, further %t", tt.name, further), func(t *testing.T) {
				b := newEnv(t, maxAge)
				e := Expected{Node: "n", UID: "u", Containers: []string{"a", "b"}}
				if tt.idle != "" {
					e.Idle = []string{tt.idle}
				}
				b.pods["ns/p"] = e
				id := Identity{Name: "n", CPU: 2e9, Memory: 2 << 30}
				for i := range 2 {
					b.advance(15)
					all := []sample.Container{b.use("b", 100+float64(i), 7), b.use("a", 100+float64(i), 7)}
					all = slices.DeleteFunc(all, func(c sample.Container) bool { return c.Name == tt.idle })
					reported := pods(named("p", all...))
					own := b.reported(tt.values)
					if !further {
						reported[0].Extra = own
					}
					b.store.Put(id, &sample.Node{Pods: reported})
					if further {
						b.store.PutExtra(id, sample.Summary, &sample.Node{Pods: []sample.Pod{{Namespace: "ns", Name: "p", Extra: own}}}, interval)
					}
				}
				u, ok := b.pod("n", "ns", "p", "u")
				if !ok {
					t.Fatal("the pod is not served")
				}
				if diff := cmp.Diff([2]usage.Extras{extrasOf(tt.want[0]), extrasOf(tt.want[1])}, [2]usage.Extras{u.Containers[0].Extra, u.Containers[1].Extra}); diff != "" {
					t.Errorf("extra resources (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// TestFurtherResponsesArePublishedAtOnce has extra resources join what is published, which keeps its CPU, memory and times.
func TestFurtherResponsesArePublishedAtOnce(t *testing.T) {
	type values = map[sample.Resource]uint64
	const some10, some60 = sample.CPUPressureSome10s, sample.CPUPressureSome60s
	b := running(t, maxAge)
	id := Identity{Name: "n", UID: "n1", Boot: "b1"}
	put := func(from sample.Endpoint, v values) {
		x := &sample.Node{Pods: pods(named("p", sample.Container{Name: "a", Usage: sample.Usage{Extra: b.reported(v)}}))}
		x.Extra = b.reported(v)
		b.store.PutExtra(id, from, x, interval)
	}
	served := func() (node usage.Node, pod usage.Pod) {
		n, _ := b.node("n")
		p, _ := b.pod("n", "ns", "p", "u")
		return *n, *p
	}
	nodeBefore, podBefore := served()
	b.advance(5)
	for _, step := range []struct {
		name    string
		put     func()
		want    usage.Extras
		changes bool
	}{
		{"the first", func() { put(sample.Summary, values{some10: 5300}) }, usage.Extras{{Resource: some10, Value: 5300}}, true},
		{"the same again", func() { put(sample.Summary, values{some10: 5300}) }, usage.Extras{{Resource: some10, Value: 5300}}, false},
		{"other values", func() { put(sample.Summary, values{some10: 1}) }, usage.Extras{{Resource: some10, Value: 1}}, true},
		{"another endpoint, which adds what is missing", func() { put(sample.FullSummary, values{some10: 7, some60: 8}) },
			usage.Extras{{Resource: some10, Value: 1}, {Resource: some60, Value: 8}}, true},
		{"nothing from the first", func() { put(sample.Summary, nil) }, usage.Extras{{Resource: some10, Value: 7}, {Resource: some60, Value: 8}}, true},
	} {
		before := b.store.Reader().ResourceVersion()
		step.put()
		node, pod := served()
		if diff := cmp.Diff([]usage.Extras{step.want, step.want}, []usage.Extras{node.Extra, pod.Containers[0].Extra}); diff != "" {
			t.Errorf("%s: of node and pod (-want +got):\n%s", step.name, diff)
		}
		if changed := b.store.Reader().ResourceVersion() != before; changed != step.changes {
			t.Errorf("%s: another resource version: %t", step.name, changed)
		}
		node.Extra, pod.Containers = nil, []usage.Container{{Name: "a", CPU: pod.Containers[0].CPU, Memory: pod.Containers[0].Memory}}
		if !node.Equal(&nodeBefore) || !pod.Equal(&podBefore) {
			t.Errorf("%s: something else changed: %+v, %+v", step.name, node, pod)
		}
	}
	b.advance(int(maxAge/time.Second) - 5)
	if pod, node := b.served(); !pod || !node {
		t.Error("not served at the maximum age")
	}
	b.advance(1)
	if pod, node := b.served(); pod || node {
		t.Error("extra resources kept the usage fresh")
	}
}
