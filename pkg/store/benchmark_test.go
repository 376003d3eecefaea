package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// fullNode declares as many pods as a kubelet allows, of two containers each, and returns a response with all of them.
func fullNode(b *env, node string) []sample.Pod {
	all := make([]sample.Pod, 110)
	for i := range all {
		name := fmt.Sprintf("workload-%d-6d5f7c9b84-x", i)
		b.run(node, name, "uid-"+name, "app", "mesh-proxy")
		all[i] = named(name, b.use("app", 0, 0), b.use("mesh-proxy", 0, 0))
	}
	return all
}

// grow has the containers work until now, in place.
func (b *env) grow(pods []sample.Pod, cpu float64) {
	for i := range pods {
		for j := range pods[i].Containers {
			pods[i].Containers[j].Usage = b.usage(cpu, 64<<20)
		}
	}
}

// warm is a store that has rates of a full node.
func warm(tb testing.TB) (*env, []sample.Pod) {
	env := newEnv(nil, maxAge)
	pods := fullNode(env, "n")
	for scrape := range 2 {
		env.advance(15)
		env.grow(pods, float64(1+scrape))
		env.put("n", pods)
	}
	if _, ok := env.pod("n", "ns", pods[0].Name, "uid-"+pods[0].Name); !ok {
		tb.Fatal("the first pod has no usage")
	}
	return env, pods
}

// BenchmarkPut is one scrape of a full node in steady state.
func BenchmarkPut(b *testing.B) {
	env, pods := warm(b)
	cpu := 2.0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		cpu++
		env.clock.Step(15 * time.Second)
		env.grow(pods, cpu)
		b.StartTimer()
		env.put("n", pods)
	}
}

// BenchmarkPod reads the usage of one pod.
func BenchmarkPod(b *testing.B) {
	env, pods := warm(b)
	name := pods[len(pods)/2].Name
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := env.pod("n", "ns", name, "uid-"+name); !ok {
			b.Fatal("the pod has no usage")
		}
	}
}

// BenchmarkPutObserved is BenchmarkPut with an observer that keeps up.
func BenchmarkPutObserved(b *testing.B) {
	env, pods := warm(b)
	o := env.store.Observe(len(pods))
	defer o.Close()
	cpu := 2.0
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		if _, err := o.Receive(b.Context()); err != nil {
			b.Fatal(err)
		}
		cpu++
		env.clock.Step(15 * time.Second)
		env.grow(pods, cpu)
		b.StartTimer()
		env.put("n", pods)
	}
}
