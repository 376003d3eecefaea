package fleet

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
)

// ChangingOrder returns the healthy text and so many containers of a pod that does not exist, with the series of all metrics in another order each
// time and without comments: no text is like the one before, and none is written as a kubelet writes.
func ChangingOrder(containers int) Fault {
	var responses atomic.Uint64
	return rewritten(count(containers, "containers in an order that changes"), func(x *exchange, healthy []byte) []byte {
		var lines [][]byte
		for line := range bytes.Lines(healthy) {
			if _, ok := parseSeries(line); ok {
				lines = append(lines, line)
			}
		}
		for i := range containers {
			labels := fmt.Sprintf(`{container="c%d",namespace="default",pod="absent-%d"} `, i%8, i/8)
			for _, metric := range []string{"container_cpu_usage_seconds_total", "container_memory_working_set_bytes"} {
				lines = append(lines, fmt.Appendf(nil, "%s%s1 %d\n", metric, labels, x.fleet.now()/1e6))
			}
		}
		order := rand.New(rand.NewPCG(responses.Add(1), hash(x.node.name)))
		order.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		return append(bytes.Join(lines, nil), gaugeLine...)
	})
}
