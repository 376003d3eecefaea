package store

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// node is all that is kept of one node.
type node struct {
	mu sync.RWMutex
	// gone is set once the node is deleted, and unpublishing while what it published is to be unpublished. Neither needs the lock.
	gone, unpublishing atomic.Bool

	id Identity
	// scrapedAt is when the last accepted response was read, in Unix nanoseconds; 0 where there was none.
	scrapedAt int64
	// unavailable is true where nothing of the newest scrape may be served any more.
	unavailable bool

	// self is of the node itself, without its pods; missing is why the newest scrape gave no usage of it.
	self usageState
	publication[usage.Node]
	missing missingReason
	pods    map[podKey]*pod
	// extras are the further responses; nil where there was none.
	extras *extras

	store  *Store
	expiry expiryEntry
}

const (
	// clockTolerance is how far the API server's clock and this process's may be apart.
	clockTolerance = time.Minute
	// settledAge is the age of a pod at which no earlier pod of that name can still run.
	settledAge = 10 * time.Minute
)

// maxUnknownPods bounds how many pods of one node are kept without a known object: several times what a node runs. The cluster's pods may
// be listed only after the first scrapes.
const maxUnknownPods = 2000

type podKey struct{ namespace, name string }

// put is what one put carries along.
type put struct {
	now, previous int64
	// published is when the put publishes, in Unix nanoseconds; now is earlier where the put goes on with an older response.
	published int64
	publisher *publisher
	node      *node
	// expires is the first moment at which something expires that the put has published or confirmed.
	expires int64
	// staleness is the store's.
	staleness usage.Staleness
	// noSwap is true where the zeros that containers report as swap stand for no reading.
	noSwap  bool
	objects Objects
	// capacity is the node's.
	capacity capacity
	rejected sample.Rejections
	// reported, complete, withoutRate and firstSeen are counted for the Summary.
	reported, complete, withoutRate, firstSeen int
	// unknown counts the pods of the response without a known object.
	unknown int
	// behind is by how much the server's own clock is behind that of the node, and behindMost behind those of most nodes: see clocks.
	behind, behindMost int64
}

// scrape is when the response was read, and when the running instance of a container started: see sample.Scrape.
func (p *put) scrape(started int64) sample.Scrape {
	return sample.Scrape{Now: p.now, Previous: p.previous, Behind: p.behind, Started: started}
}

func (p *put) summary(n *node) Summary {
	return Summary{
		Rejected: p.rejected, Pods: p.reported, Complete: p.complete, Node: n.isPublished(),
		WithoutRate: p.withoutRate, FirstSeen: p.firstSeen, Behind: time.Duration(p.behindMost),
	}
}

// identify drops everything when the node is another one, or the same after a reboot.
func (n *node) identify(id Identity) {
	another := n.id.UID != id.UID && n.id.UID != ""
	rebooted := n.id.Boot != id.Boot && n.id.Boot != ""
	if another || rebooted {
		n.markUnavailable(deletedIf(another))
		n.scrapedAt, n.self, n.missing = 0, usageState{}, nothingMissing
		n.pods, n.extras = map[podKey]*pod{}, nil
	}
	n.id = id
}

// accept replaces the node's usage by that of one response.
func (n *node) accept(s *sample.Node, p *put) {
	n.acceptSelf(s.Usage, p)
	p.noSwap = s.Extra.Get(sample.Swap).Value > 0 && isSwapUnknown(s.Pods)
	for i := range s.Pods {
		if n.gone.Load() {
			break // Another node of the name may publish the same pods already.
		}
		n.acceptPod(&s.Pods[i], p)
	}
	n.sweep(p)
	n.scrapedAt, n.unavailable = p.now, false
}

// isSwapUnknown is true where the response has no container with swap space in use. Where the node has some in use all the same, the zeros
// stand for no reading.
func isSwapUnknown(pods []sample.Pod) bool {
	return !slices.ContainsFunc(pods, func(p sample.Pod) bool {
		return slices.ContainsFunc(p.Containers, func(c sample.Container) bool { return c.Extra.Get(sample.Swap).Value > 0 })
	})
}

func (n *node) acceptSelf(u sample.Usage, p *put) {
	n.self.accept(u, 0, p)
	n.resolveSelf(p)
}

func (n *node) resolveSelf(p *put) {
	rate, reason := n.self.compute(p, 0, false)
	n.missing = reason
	if reason != nothingMissing {
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

func (n *node) acceptPod(s *sample.Pod, p *put) {
	expected, known := p.objects.Pod(s.Namespace, s.Name)
	if known && !n.owns(expected, s.UID) {
		p.rejected.Add(sample.Foreign)
		return
	}
	if p.unknown >= maxUnknownPods && !known {
		p.rejected.Add(sample.TooMany)
		return
	}
	key := podKey{s.Namespace, s.Name}
	entry := n.pods[key]
	if entry == nil || known && entry.uid != "" && entry.uid != expected.UID {
		if entry != nil {
			entry.unpublishPod(p.publisher, key, p.published, Deleted)
		}
		entry = &pod{}
		n.pods[key] = entry
	}
	entry.accept(s, expected, known, p)
	if !known {
		p.unknown++
		entry.reportedUID = s.UID
		return
	}
	entry.bind(expected)
	entry.resolve(key, expected, n, p)
	p.countPod(entry)
}

func (p *put) countPod(entry *pod) {
	p.reported++
	if entry.isPublished() {
		p.complete++
	}
}

// oldest is the highest age that a container of the pod can have, in nanoseconds; 0 where any may be. What is older belongs to an
// earlier pod of that name, which the text format cannot tell from this one. Ages are compared because a node's clock may be wrong, and
// not for ever because it may have been wrong when the container started.
func oldest(e Expected, now int64) int64 {
	age := now - e.Created
	if e.Static || e.Created == 0 || age > int64(settledAge) {
		return 0
	}
	return age + int64(clockTolerance)
}

// instanceAge is how old the instance was when it was read, by the kubelet's clock; 0 where that is not known.
func instanceAge(u *sample.Usage) int64 {
	if u.Start == 0 || !u.CPU.Known {
		return 0
	}
	return u.CPU.Time - u.Start
}

// owns is true where the pod is bound to this node and the kubelet reports the same pod. A kubelet knows a static
// pod by another UID.
func (n *node) owns(e Expected, uid string) bool {
	return e.Node == n.id.Name && (uid == "" || e.Static || uid == e.UID)
}

// sweep drops the pods that this response does not have and that are gone, or were not reported for too long.
func (n *node) sweep(p *put) {
	for key, entry := range n.pods {
		if entry.reportedAt == p.now {
			continue
		}
		expected, known := p.objects.Pod(key.namespace, key.name)
		gone := !known || expected.Node != n.id.Name || expected.UID != entry.uid
		if gone || p.staleness.IsOutage(entry.reportedAt, p.now) {
			entry.unpublishPod(p.publisher, key, p.published, deletedIf(gone))
			delete(n.pods, key)
		}
	}
}

// markUnavailable unpublishes everything and keeps what the next rate is computed from.
func (n *node) markUnavailable(t EventType) {
	now := n.store.clock.Now().UnixNano()
	n.unavailable = true
	n.unpublishSelf(now, t)
	for key, entry := range n.pods {
		entry.unpublishPod(&n.store.publisher, key, now, Expired)
	}
}

// deletedIf is the type of an event about an object that is gone, or not.
func deletedIf(gone bool) EventType {
	if gone {
		return Deleted
	}
	return Expired
}
