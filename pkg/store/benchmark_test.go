package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// fullNode declares as many pods as a kubelet allows, of two containers each, and returns an answer that names them.
func fullNode(b *bed, node string) []sample.Pod {
	all := make([]sample.Pod, 110)
	for i := range all {
		name := fmt.Sprintf("workload-%d-6d5f7c9b84-x", i)
		b.run(node, name, "uid-"+name, "app", "mesh-proxy")
		all[i] = named(name, b.use("app", 0, 0), b.use("mesh-proxy", 0, 0))
	}
	return all
}

// grow has the containers work until now, in place.
func (b *bed) grow(pods []sample.Pod, cpu float64) {
	for i := range pods {
		for j := range pods[i].Containers {
			pods[i].Containers[j].Usage = b.usage(cpu, 64<<20)
		}
	}
}

// warm is a store that has rates of a full node.
func warm(tb testing.TB) (*bed, []sample.Pod) {
	bed := newBed(nil, maxAge)
	pods := fullNode(bed, "n")
	for look := range 2 {
		bed.advance(15)
		bed.grow(pods, float64(1+look))
		bed.put("n", pods)
	}
	if _, ok := bed.pod("n", "ns", pods[0].Name, "uid-"+pods[0].Name); !ok {
		tb.Fatal("the first pod has no numbers")
	}
	return bed, pods
}

// BenchmarkPut is one look at a full node in steady state.
func BenchmarkPut(b *testing.B) {
	bed, pods := warm(b)
	cpu := 2.0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		cpu++
		bed.clock.Step(15 * time.Second)
		bed.grow(pods, cpu)
		b.StartTimer()
		bed.put("n", pods)
	}
}

// BenchmarkPod is one pod's numbers read.
func BenchmarkPod(b *testing.B) {
	bed, pods := warm(b)
	name := pods[len(pods)/2].Name
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := bed.pod("n", "ns", name, "uid-"+name); !ok {
			b.Fatal("the pod has no numbers")
		}
	}
}
