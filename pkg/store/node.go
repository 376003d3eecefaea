package store

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// node is all that is held of one node.
type node struct {
	mu sync.RWMutex
	// gone is set once the node is deleted, and silencing while what it published is to be withdrawn. Neither needs the lock.
	gone, silencing atomic.Bool

	id Identity
	// looked is when the last accepted answer was read, in Unix nanoseconds; 0 where there was none.
	looked int64
	// silent is true where nothing of the newest look may be served any more.
	silent bool

	// self is of the node itself, without its pods; lack is what the newest look did not have of it.
	self meter
	publication[usage.Node]
	lack lack
	pods map[podKey]*pod
	// extras are the further responses; nil where there was none.
	extras *extras

	store  *Store
	expiry expiryEntry
}

const (
	// clockTolerance is how far the API server's clock and this process's may be apart.
	clockTolerance = time.Minute
	// settledAge is the age of a pod at which none before it of that name can still be running.
	settledAge = 10 * time.Minute
)

// maxUnknownPods bounds how many pods of one node are held that no object is known of: several times what a node runs. The cluster's pods may
// be listed only after the first scrapes.
const maxUnknownPods = 2000

type podKey struct{ namespace, name string }

// put is what one put carries along.
type put struct {
	now, previous int64
	// published is when the put publishes, in Unix nanoseconds; now is earlier where the put goes on with an older answer.
	published int64
	publisher *publisher
	node      *node
	// expires is the first moment at which something expires that the put has published or confirmed.
	expires int64
	// staleness is the store's.
	staleness usage.Staleness
	// noSwap is true where the zeros of containers are no numbers.
	noSwap  bool
	objects Objects
	// capacity is the node's.
	capacity capacity
	rejected sample.Rejections
	// named, whole, rateless and young are counted for the Summary.
	named, whole, rateless, young int
	// unknown counts the pods of the answer that no object is known of.
	unknown int
	// behind is by how much the server's own clock is behind that of the node, and behindMost behind those of most nodes: see clocks.
	behind, behindMost int64
}

// look is when the answer was read, and when the running instance of a container started: see sample.Scrape.
func (p *put) look(started int64) sample.Scrape {
	return sample.Scrape{Now: p.now, Previous: p.previous, Behind: p.behind, Started: started}
}

func (p *put) summary(n *node) Summary {
	return Summary{
		Rejected: p.rejected, Pods: p.named, Whole: p.whole, Node: n.isPublished(),
		Rateless: p.rateless, Young: p.young, Behind: time.Duration(p.behindMost),
	}
}

// identify forgets everything when the node is another one, or the same after a reboot.
func (n *node) identify(id Identity) {
	another := n.id.UID != id.UID && n.id.UID != ""
	rebooted := n.id.Boot != id.Boot && n.id.Boot != ""
	if another || rebooted {
		n.silence(goneIf(another))
		n.looked, n.self, n.lack = 0, meter{}, nothing
		n.pods, n.extras = map[podKey]*pod{}, nil
	}
	n.id = id
}

// take replaces the node's numbers by those of one answer.
func (n *node) take(s *sample.Node, p *put) {
	n.takeSelf(s.Usage, p)
	p.noSwap = s.Extra.Get(sample.Swap).Value > 0 && noneSwaps(s.Pods)
	for i := range s.Pods {
		if n.gone.Load() {
			break // Another node of the name may publish the same pods already.
		}
		n.takePod(&s.Pods[i], p)
	}
	n.sweep(p)
	n.looked, n.silent = p.now, false
}

// noneSwaps is true where the answer has no container with swap space in use. Where the node has some in use all the same, the zeros
// mean that nobody knows.
func noneSwaps(pods []sample.Pod) bool {
	return !slices.ContainsFunc(pods, func(p sample.Pod) bool {
		return slices.ContainsFunc(p.Containers, func(c sample.Container) bool { return c.Extra.Get(sample.Swap).Value > 0 })
	})
}

func (n *node) takeSelf(u sample.Usage, p *put) {
	n.self.take(u, 0, p)
	n.resolveSelf(p)
}

func (n *node) resolveSelf(p *put) {
	rate, lack := n.self.measure(p, 0, false)
	n.lack = lack
	if lack != nothing {
		if p.staleness.NewestOnly() {
			n.unpublishSelf(p.published, Expired)
		}
		return
	}
	fresh := usage.Freshness{Seen: p.now, Advanced: n.self.advanced}
	if !p.staleness.IsFresh(fresh, p.published) {
		n.unpublishSelf(p.published, Expired)
		return
	}
	n.publishSelf(&usage.Node{
		Time:   time.Unix(0, rate.To),
		Window: time.Duration(rate.To - rate.From),
		CPU:    rate.Nanocores,
		Memory: n.self.memory,
		Extra:  n.extrasOfSelf(p),
	}, fresh, p)
}

// publishSelf publishes usage of the node itself, or confirms what is published where nothing has changed.
func (n *node) publishSelf(newest *usage.Node, fresh usage.Freshness, p *put) {
	if n.usage != nil && newest.Equal(n.usage) && n.confirm(p, fresh) {
		return
	}
	var e *Event
	if p.publisher.isObserved() {
		e = &Event{Key: n.key(), Node: newest, Accepted: []Accepted{n.self.accepted()}}
	}
	n.publish(p, newest, &newest.ResourceVersion, fresh, e)
}

func (n *node) key() Key { return Key{Name: n.id.Name, UID: n.id.UID} }

// unpublishSelf has nothing of the node itself be served.
func (n *node) unpublishSelf(now int64, t EventType) {
	n.unpublish(&n.store.publisher, now, n.store.publisher.event(t, n.key()))
}

func (n *node) takePod(s *sample.Pod, p *put) {
	expected, known := p.objects.Pod(s.Namespace, s.Name)
	if known && !n.speaksFor(expected, s.UID) {
		p.rejected.Add(sample.Foreign)
		return
	}
	if p.unknown >= maxUnknownPods && !known {
		p.rejected.Add(sample.TooMany)
		return
	}
	key := podKey{s.Namespace, s.Name}
	held := n.pods[key]
	if held == nil || known && held.uid != "" && held.uid != expected.UID {
		if held != nil {
			held.unpublishPod(p.publisher, key, p.published, Deleted)
		}
		held = &pod{}
		n.pods[key] = held
	}
	held.take(s, expected, known, p)
	if !known {
		p.unknown++
		held.heard = s.UID
		return
	}
	held.know(expected)
	held.resolve(key, expected, n, p)
	p.countPod(held)
}

func (p *put) countPod(held *pod) {
	p.named++
	if held.isPublished() {
		p.whole++
	}
}

// oldest is the highest age that a container of the pod can have, in nanoseconds; 0 where any may be. What is older belongs to an
// older pod of that name, which the text format cannot tell from this one. Ages are compared because a node's clock may be wrong, and
// not for ever because it may have been wrong when the container began.
func oldest(e Expected, now int64) int64 {
	age := now - e.Created
	if e.Static || e.Created == 0 || age > int64(settledAge) {
		return 0
	}
	return age + int64(clockTolerance)
}

// ageOf is how old the life was when it was read, by the kubelet's clock; 0 where that is not known.
func ageOf(u *sample.Usage) int64 {
	if u.Start == 0 || !u.CPU.Known {
		return 0
	}
	return u.CPU.Time - u.Start
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
		expected, known := p.objects.Pod(key.namespace, key.name)
		gone := !known || expected.Node != n.id.Name || expected.UID != held.uid
		if gone || p.staleness.IsOutage(held.named, p.now) {
			held.unpublishPod(p.publisher, key, p.published, goneIf(gone))
			delete(n.pods, key)
		}
	}
}

// silence takes back every answer and keeps what the next rate is computed from.
func (n *node) silence(t EventType) {
	now := n.store.clock.Now().UnixNano()
	n.silent = true
	n.unpublishSelf(now, t)
	for key, held := range n.pods {
		held.unpublishPod(&n.store.publisher, key, now, Expired)
	}
}

// goneIf is the type of an event about an object that is gone, or not.
func goneIf(gone bool) EventType {
	if gone {
		return Deleted
	}
	return Expired
}
