package fleet

import (
	"maps"
	"sync"
	"time"
)

// Reading is one reading of a cgroup, as a response of the fleet had it. Times are in Unix nanoseconds.
type Reading struct {
	// Summary is true for a response to PathSummary, false for one to PathResource.
	Summary bool
	// Time is when the cgroup was read, Start when the instance began: the node, or the container since its last restart.
	Time, Start int64
	// CPU is the counter in nanoseconds, Rate the kubelet's own rate in nanocores.
	CPU, Rate uint64
	// Memory is the working set in bytes.
	Memory uint64
}

// Reported is the time as the response wrote it, which has whole milliseconds, or whole seconds in a summary.
func (r Reading) Reported() int64 {
	if r.Summary {
		return r.Time - r.Time%int64(time.Second)
	}
	return r.Time - r.Time%int64(time.Millisecond)
}

// PodHistory is what the responses of the last time had of a pod.
type PodHistory struct {
	Node string
	// Containers has the readings of each container, the oldest first. It is empty for a pod that was only in responses that were not true.
	Containers map[string][]Reading
	newest     int64
}

// PodID names one instance of a pod.
type PodID struct{ Namespace, Name, UID string }

// history keeps the readings of all responses for a while.
type history struct {
	keep int64
	mu   sync.Mutex
	// The rest is guarded by mu.
	nodes map[string][]Reading
	pods  map[PodID]*PodHistory
	swept int64
}

// newHistory is nil for no time.
func newHistory(keep time.Duration) *history {
	if keep <= 0 {
		return nil
	}
	return &history{keep: int64(keep), nodes: map[string][]Reading{}, pods: map[PodID]*PodHistory{}}
}

// PodHistory returns the readings of a pod that true responses had within Options.History, also of one that has ended. It is false for a pod that no
// response had.
func (f *Fleet) PodHistory(pod PodID) (PodHistory, bool) {
	if f.history == nil {
		return PodHistory{}, false
	}
	f.history.mu.Lock()
	defer f.history.mu.Unlock()
	p, ok := f.history.pods[pod]
	if !ok {
		return PodHistory{}, false
	}
	return PodHistory{Node: p.Node, Containers: maps.Clone(p.Containers)}, true
}

// NodeHistory returns the readings of a node that its responses had within Options.History, the oldest first.
func (f *Fleet) NodeHistory(node string) []Reading {
	if f.history == nil {
		return nil
	}
	f.history.mu.Lock()
	defer f.history.mu.Unlock()
	return f.history.nodes[node]
}

// meet notes the pods of a response that is not true: where they run. The caller holds n.mu.
func (h *history) meet(n *node, now int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sweep(now)
	for _, p := range n.pods {
		h.pod(n, p, now)
	}
}

// add notes the readings of a response, which was made at now. The caller holds n.mu, so that pods and containers are those of the page.
func (h *history) add(n *node, p *page, now int64, summary bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sweep(now)
	h.nodes[n.name] = h.appended(h.nodes[n.name], p.node.toReading(n.boot, summary))
	for i, c := range n.containers {
		pod := h.pod(n, c.pod, now)
		pod.Containers[c.name] = h.appended(pod.Containers[c.name], p.containers[i].toReading(c.usage.began, summary))
	}
}

func (h *history) pod(n *node, p *pod, now int64) *PodHistory {
	id := PodID{p.key.namespace, p.key.name, p.uid}
	known := h.pods[id]
	if known == nil {
		known = &PodHistory{Node: n.name, Containers: map[string][]Reading{}}
		h.pods[id] = known
	}
	known.newest = now
	return known
}

// appended adds a reading, unless it repeats the last one, and drops those that are too old. The readings that a caller was given do not change.
func (h *history) appended(readings []Reading, r Reading) []Reading {
	if len(readings) > 0 && readings[len(readings)-1] == r {
		return readings
	}
	old := 0
	for old < len(readings) && readings[old].Time < r.Time-h.keep {
		old++
	}
	return append(readings[old:], r)
}

// sweep drops the pods that no response has had for long, once a second at most.
func (h *history) sweep(now int64) {
	if now-h.swept < int64(time.Second) {
		return
	}
	h.swept = now
	maps.DeleteFunc(h.pods, func(_ PodID, p *PodHistory) bool { return p.newest < now-h.keep })
}

func (l cgroupReading) toReading(start int64, summary bool) Reading {
	return Reading{Summary: summary, Time: l.time, Start: start, CPU: l.cpu, Rate: l.rate, Memory: l.memory}
}
