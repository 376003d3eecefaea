package fleet

import "time"

// CPUBetween returns the true average rate of a container between two moments, in cores: what a rate of this window should be. It is false for
// a container that does not run, or did not run from the first moment on. Changes that are older than a minute and a half may be forgotten.
func (f *Fleet) CPUBetween(namespace, pod, container string, from, to time.Time) (cores float64, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, c, err := f.find(namespace, pod, container)
	if err != nil {
		return 0, false
	}
	at.node.mu.RLock()
	defer at.node.mu.RUnlock()
	return c.usage.between(from.UnixNano(), to.UnixNano())
}

// NodeCPUBetween is CPUBetween for a node: its pods and the base load.
func (f *Fleet) NodeCPUBetween(node string, from, to time.Time) (cores float64, ok bool) {
	n, err := f.node(node)
	if err != nil {
		return 0, false
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	used, ok := n.used.between(from.UnixNano(), to.UnixNano())
	base, _ := n.base.between(from.UnixNano(), to.UnixNano())
	return used + base, ok
}

// between returns the average rate between two moments, in cores.
func (u *usage) between(from, to int64) (cores float64, ok bool) {
	if from < u.began || to <= from {
		return 0, false
	}
	first, _ := u.at(from).counter(from)
	last, _ := u.at(to).counter(to)
	return float64(last-first) / float64(to-from), true
}
