package fleet

import (
	"net"
	"slices"
	"sync"
	"sync/atomic"
)

// node is one simulated kubelet with the pods that run on it.
type node struct {
	name string
	ip   net.IP
	// boot is when the node began to exist, in Unix nanoseconds.
	boot   int64
	rhythm rhythm
	// quoted is the name as JSON writes it.
	quoted string

	certificate certificate
	traffic     traffic
	fault       atomic.Pointer[activeFault]

	mu sync.RWMutex
	// The rest is guarded by mu. pods are sorted by namespace and name, containers as their series are.
	readings   Readings
	pods       []*pod
	containers []*container
	// used is the sum of the pods; base is the usage of the node without them.
	used, base usage
}

func newNode(name string, ip net.IP, boot int64, readings Readings, base level) *node {
	n := &node{
		name: name, ip: ip, boot: boot, rhythm: nodeRhythm(hash(name)),
		quoted: quoteJSON(name), readings: readings,
	}
	n.used.begin(boot, level{})
	n.base.begin(boot, base)
	return n
}

// put adds a pod, or brings a known one up to date; a new UID is a new instance. It returns the pod that stands for it.
func (n *node) put(spec Pod, now int64) *pod {
	n.mu.Lock()
	defer n.mu.Unlock()
	i, found := n.find(spec.key())
	if found && n.pods[i].uid == spec.UID {
		n.pods[i].update(spec, now)
	} else if p := newPod(spec, now); found {
		n.pods[i] = p
	} else {
		n.pods = slices.Insert(n.pods, i, p)
	}
	n.recount(now)
	return n.pods[i]
}

// remove ends a pod. It returns nil where there is none of that name and UID; an empty UID is any.
func (n *node) remove(key podKey, uid string, now int64) *pod {
	n.mu.Lock()
	defer n.mu.Unlock()
	i, found := n.find(key)
	if !found || uid != "" && n.pods[i].uid != uid {
		return nil
	}
	p := n.pods[i]
	n.pods = slices.Delete(n.pods, i, i+1)
	n.recount(now)
	return p
}

// share makes each of the pods use the given rate in nanocores, whatever their annotations are.
func (n *node) share(p *pod, rate uint64, now int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p.shared, p.rate = true, rate
	n.apply(p, now)
}

func (n *node) find(key podKey) (int, bool) {
	return slices.BinarySearchFunc(n.pods, key, func(p *pod, key podKey) int { return p.key.compare(key) })
}

// recount rebuilds what follows from the pods: the order of the series and the node's own use.
func (n *node) recount(now int64) {
	var sum level
	clear(n.containers)
	n.containers = n.containers[:0]
	for _, p := range n.pods {
		n.containers = append(n.containers, p.containers...)
		sum = sum.plus(p.usage.now())
	}
	slices.SortFunc(n.containers, compareSeries)
	n.used.set(now, sum)
}

func (n *node) setReadings(r Readings) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.readings = r
}

// now returns the present usage of the node.
func (n *node) now() level {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.used.now().plus(n.base.now())
}
