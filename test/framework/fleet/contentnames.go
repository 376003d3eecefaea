package fleet

import (
	"fmt"
	"strconv"
	"sync/atomic"
)

// OtherNodesPods returns the healthy text of the next node of the fleet.
func OtherNodesPods() Fault {
	return rewrittenAs("another node's pods", (*exchange).renderUnlogged, func(x *exchange, healthy []byte) []byte {
		p := x.fleet.pages.get()
		defer x.fleet.pages.put(p)
		for i, n := range x.fleet.nodes {
			if n == x.node {
				p.text(x.fleet.nodes[(i+1)%len(x.fleet.nodes)], x.fleet.now(), selection{})
				return append(healthy[:0], p.body...)
			}
		}
		return healthy
	})
}

// UnknownPods returns the healthy text and so many pods that do not exist, with a container each.
func UnknownPods(pods int) Fault {
	return rewritten(count(pods, "pods that do not exist"), func(x *exchange, healthy []byte) []byte {
		return append(unknownPods(0, pods, x.fleet.now()), healthy...)
	})
}

// ChangingNames returns the healthy text and so many pods that do not exist, and as many containers of a pod that does, all under names that no response
// had before.
func ChangingNames(names int) Fault {
	var responses atomic.Uint64
	return rewritten(count(names, "names that change"), func(x *exchange, healthy []byte) []byte {
		from := responses.Add(1) * uint64(names)
		body := unknownPods(from, names, x.fleet.now())
		labels := x.node.victim().labels[len("{"):]
		for i := range uint64(names) {
			body = fmt.Appendf(body, "container_cpu_usage_seconds_total{container=\"c%d\",%s1 %d\n", from+i, labels, x.fleet.now()/1e6)
		}
		return append(body, healthy...)
	})
}

// unknownPods are series of so many pods, whose names begin to count at from.
func unknownPods(from uint64, pods int, now int64) (body []byte) {
	for i := range uint64(pods) {
		body = append(body, `container_cpu_usage_seconds_total{container="app",namespace="default",pod="absent-`...)
		body = strconv.AppendUint(body, from+i, 10)
		body = append(body, `"} 1 `...)
		body = strconv.AppendInt(body, now/1e6, 10)
		body = append(body, '\n')
	}
	return body
}
