package store

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// BenchmarkMemory counts the bytes that a pod takes, with its readings, its usage and its share of the tables: 100 nodes
// of 30 pods, whose names belong to the cluster. docs/performance.md has the result.
func BenchmarkMemory(b *testing.B) {
	const nodes, podsOfNode = 100, 30
	for _, containers := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("containers=%d", containers), func(b *testing.B) {
			for b.Loop() {
				env, responses := newEnv(nil, maxAge), map[string][]sample.Pod{}
				for i := range nodes {
					node := fmt.Sprintf("node-%04d", i)
					responses[node] = smallNode(env, node, podsOfNode, containers)
				}
				before := heapBytes()
				for scrape := range 3 {
					env.clock.Step(15 * time.Second)
					for node, pods := range responses {
						env.grow(pods, float64(1+scrape))
						env.put(node, pods)
					}
				}
				b.ReportMetric(float64(heapBytes()-before)/(nodes*podsOfNode), "bytes/pod")
				runtime.KeepAlive(responses)
				runtime.KeepAlive(env)
			}
		})
	}
}

// smallNode declares pods of some containers each, and returns a response with all of them.
func smallNode(b *env, node string, pods, containers int) (all []sample.Pod) {
	b.nodeCell(node)
	for i := range pods {
		name := fmt.Sprintf("workload-%d-%s", i, node)
		var names []string
		var used []sample.Container
		for j := range containers {
			names = append(names, fmt.Sprintf("container-%d", j))
			used = append(used, b.use(names[j], 0, 0))
		}
		b.run(node, name, "uid-"+name, names...)
		b.pods.cell("ns", name, "uid-"+name)
		all = append(all, named(name, used...))
	}
	return all
}

// heapBytes is how many bytes are in use after a collection.
func heapBytes() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // What has a finalizer or lies in a pool goes with the second.
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
