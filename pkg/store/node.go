package store

import (
	"sync"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// node is all that is held of one node.
type node struct {
	mu sync.RWMutex

	id Identity
	// looked is when the last accepted answer arrived, in Unix nanoseconds; 0 where there was none.
	looked int64

	// answer is the last one and fresh when it was confirmed; lack is what the newest look did not have.
	self   meter
	answer NodeUsage
	fresh  freshness
	lack   lack
	pods   map[podKey]*pod
	disks  disks
}

// clockTolerance is how far the API server's clock and a kubelet's may be apart.
const clockTolerance = time.Minute

type podKey struct{ namespace, name string }

// put is what one put carries along.
type put struct {
	now, previous int64
	generation    uint64
	// forget and maxAge are the store's, in nanoseconds; newestOnly is true where nothing outlives a look that does not confirm it.
	forget     int64
	maxAge     int64
	newestOnly bool
	pods       Pods
	// capacity is the node's.
	capacity capacity
	rejected sample.Rejections
	// named, whole, rateless and young are counted for the Summary.
	named, whole, rateless, young int
}

func (p *put) look() sample.Look { return sample.Look{Now: p.now, Previous: p.previous} }

func (p *put) summary(n *node) Summary {
	return Summary{
		Rejected: p.rejected, Pods: p.named, Whole: p.whole, Node: n.fresh.known(),
		Rateless: p.rateless, Young: p.young,
	}
}

// identify forgets everything when the node is another one, or the same after a reboot.
func (n *node) identify(id Identity) {
	another := n.id.UID != id.UID && n.id.UID != ""
	rebooted := n.id.Boot != id.Boot && n.id.Boot != ""
	if another || rebooted {
		n.looked, n.self, n.answer, n.fresh, n.lack = 0, meter{}, NodeUsage{}, freshness{}, nothing
		n.pods, n.disks = map[podKey]*pod{}, disks{}
	}
	n.id = id
}

// take replaces the node's numbers by those of one answer.
func (n *node) take(s *sample.Node, p *put) {
	n.takeSelf(s.Usage, p)
	for i := range s.Pods {
		n.takePod(&s.Pods[i], p)
	}
	n.sweep(p)
	n.looked = p.now
}

func (n *node) takeSelf(u sample.Usage, p *put) {
	n.self.take(u, p)
	n.resolveSelf(p)
}

func (n *node) resolveSelf(p *put) {
	rate, lack := n.self.measure(p, false)
	n.lack = lack
	if lack != nothing {
		if p.newestOnly {
			n.fresh = freshness{}
		}
		return
	}
	n.fresh = freshness{seen: p.now, advanced: n.self.advanced}
	disk := n.disks.ofNode(p.now)
	usage := NodeUsage{
		Time:       time.Unix(0, rate.To),
		Window:     time.Duration(rate.To - rate.From),
		CPU:        rate.Nanocores,
		Memory:     n.self.memory,
		Swap:       n.self.swap,
		HasSwap:    n.self.hasSwap == p.now,
		Disk:       disk.Value,
		HasDisk:    disk.Known,
		Generation: n.answer.Generation,
	}
	if usage != n.answer {
		usage.Generation = p.generation
		n.answer = usage
	}
}

func (n *node) takePod(s *sample.Pod, p *put) {
	expected, known := p.pods.Expect(s.Namespace, s.Name)
	if known && !n.speaksFor(expected, s.UID) {
		p.rejected.Add(sample.Foreign)
		return
	}
	key := podKey{s.Namespace, s.Name}
	held := n.pods[key]
	if held == nil || known && held.uid != "" && held.uid != expected.UID {
		held = &pod{}
		n.pods[key] = held
	}
	held.take(s, notBefore(expected), p)
	if known {
		held.uid = expected.UID
		held.resolve(expected, n.disks.of(key, expected.UID, p.now), p)
		p.countPod(held)
	}
}

func (p *put) countPod(held *pod) {
	p.named++
	if held.fresh.known() {
		p.whole++
	}
}

// notBefore is the earliest start of a container of the pod, give or take how far two clocks may be apart. What began before
// belongs to an older pod of that name, which the text format cannot tell from this one.
func notBefore(e Expected) int64 {
	if e.Static || e.Created == 0 {
		return 0
	}
	return e.Created - int64(clockTolerance)
}

// speaksFor is true where the pod is bound to this node and the kubelet means the same pod. A kubelet knows a static
// pod by another UID.
func (n *node) speaksFor(e Expected, uid string) bool {
	return e.Node == n.id.Name && (uid == "" || e.Static || uid == e.UID)
}

// sweep drops the pods that this answer did not name and that are gone, or silent for too long.
func (n *node) sweep(p *put) {
	for key, held := range n.pods {
		if held.named == p.now {
			continue
		}
		expected, known := p.pods.Expect(key.namespace, key.name)
		gone := !known || expected.Node != n.id.Name || expected.UID != held.uid
		if gone || p.now-held.named > p.forget {
			delete(n.pods, key)
		}
	}
}

// silence takes back every answer and keeps what the next rate is computed from.
func (n *node) silence() {
	n.fresh = freshness{}
	for _, held := range n.pods {
		held.fresh = freshness{}
	}
}
