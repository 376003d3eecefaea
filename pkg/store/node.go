package store

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// node is all that is kept of one node.
type node struct {
	mu sync.Mutex
	// gone is set once the node is deleted, and unpublishing while what it published is to be unpublished. Neither needs the lock.
	gone, unpublishing atomic.Bool
	// expires is a moment, in Unix nanoseconds, up to which nothing that is published of the node becomes too old. It is changed under the lock.
	expires atomic.Int64

	id Identity
	// scrapedAt is when the last accepted response was read, in Unix nanoseconds; 0 where there was none.
	scrapedAt int64
	// unavailable is true where nothing of the newest scrape may be served any more.
	unavailable bool

	// self is of the node itself, without its pods; selfMissing is why the newest scrape gave no usage of it.
	self usageState
	publication[usage.Node]
	selfMissing cause.Cause
	pods        map[podKey]*pod
	// extrasUntil is until when each further response is served, in Unix nanoseconds; 0 where it is not.
	extrasUntil [len(extras{})]int64

	store *Store
}

const (
	// clockTolerance is how far the API server's clock and this process's may be apart.
	clockTolerance = time.Minute
	// noPredecessorAge is the age of a pod from which on no earlier pod of that name can still run.
	noPredecessorAge = 10 * time.Minute
)

// maxUnknownPods bounds how many pods of one node are kept without a known object: several times what a node runs. The cluster's pods may
// be listed only after the first scrapes.
const maxUnknownPods = 2000

type podKey struct{ namespace, name string }

// of is the key of the pod of this name that has the UID.
func (k podKey) of(uid string) usage.Key {
	return usage.Key{Namespace: k.namespace, Name: k.name, UID: uid}
}

func (s *Store) newNode() *node {
	n := &node{pods: map[podKey]*pod{}, store: s}
	n.expires.Store(usage.Never)
	return n
}

func (n *node) key() usage.Key { return usage.Key{Name: n.id.Name, UID: n.id.UID} }

// identify drops everything when the node is another one, or the same after a reboot.
func (n *node) identify(id Identity) {
	another := n.id.UID != id.UID && n.id.UID != ""
	rebooted := n.id.Boot != id.Boot && n.id.Boot != ""
	if another || rebooted {
		n.markUnavailable(deletedIf(another))
		n.scrapedAt, n.self, n.selfMissing = 0, usageState{}, cause.None
		n.pods = map[podKey]*pod{}
	}
	n.id = id
}

// accept replaces the node's usage by that of one response.
func (n *node) accept(s *sample.Node, p *pass) {
	n.self.accept(s.Usage, 0, p)
	n.resolve(p)
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

// resolve publishes new usage of the node itself, and keeps what is missing where the newest scrape gave none.
func (n *node) resolve(p *pass) {
	rate, reason := n.self.compute(p, 0, false)
	n.selfMissing = reason
	fresh := usage.Freshness{Seen: p.now, Advanced: n.self.advanced}
	switch {
	case reason != cause.None && !p.staleness.NewestOnly():
	case reason != cause.None || !p.staleness.IsFresh(fresh, p.published):
		n.unpublish(&p.publisher, p.published, usage.Expired, n.key())
	default:
		n.publishSelf(&usage.Node{
			Time:   time.Unix(0, rate.To),
			Window: time.Duration(rate.To - rate.From),
			CPU:    rate.Nanocores,
			Memory: n.self.memory,
			Extra:  n.self.servedExtras(p.now, p),
		}, fresh, p)
	}
}

// publishSelf publishes usage of the node itself, or confirms what is published where nothing has changed.
func (n *node) publishSelf(newest *usage.Node, fresh usage.Freshness, p *pass) {
	same := n.usage != nil && newest.Equal(n.usage)
	n.publish(p, newest, same, &newest.ResourceVersion, fresh, func() usage.Event { return n.event(newest) })
}

func (n *node) acceptPod(s *sample.Pod, p *pass) {
	expected, known := p.objects.Pod(s.Namespace, s.Name)
	if known && !n.owns(expected, s.UID) {
		p.result.Rejected.Add(sample.Foreign)
		return
	}
	if p.unknown >= maxUnknownPods && !known {
		p.result.Rejected.Add(sample.TooMany)
		return
	}
	key := podKey{s.Namespace, s.Name}
	entry := n.getOrCreate(key, expected, known, p)
	entry.accept(s, expected, known, p)
	if !known {
		p.unknown++
		entry.reportedUID = s.UID
		return
	}
	entry.bindAndResolve(key, expected, p)
}

// getOrCreate returns the entry of a pod. It replaces that of an earlier pod of the name.
func (n *node) getOrCreate(key podKey, e Expected, known bool, p *pass) *pod {
	entry := n.pods[key]
	switch {
	case entry == nil:
	case known && entry.uid != "" && entry.uid != e.UID:
		entry.unpublish(&p.publisher, p.published, usage.Deleted, key.of(entry.uid))
	default:
		return entry
	}
	entry = &pod{}
	n.pods[key] = entry
	return entry
}

// oldest is the highest age that a container of the pod can have, in nanoseconds; 0 where any may be. What is older belongs to an
// earlier pod of that name, which the text format cannot tell from this one. Ages are compared because a node's clock may be wrong, and
// not for ever because it may have been wrong when the container started.
func oldest(e Expected, now int64) int64 {
	age := now - e.Created
	if e.Static || e.Created == 0 || age > int64(noPredecessorAge) {
		return 0
	}
	return age + int64(clockTolerance)
}

// owns is true where the pod is bound to this node and the kubelet reports the same pod. A kubelet knows a static
// pod by another UID.
func (n *node) owns(e Expected, uid string) bool {
	return e.Node == n.id.Name && (uid == "" || e.Static || uid == e.UID)
}

// sweep drops the pods that this response does not have and that are gone, or were not reported for too long.
func (n *node) sweep(p *pass) {
	for key, entry := range n.pods {
		if entry.reportedAt == p.now {
			continue
		}
		expected, known := p.objects.Pod(key.namespace, key.name)
		gone := !known || expected.Node != n.id.Name || expected.UID != entry.uid
		if gone || p.staleness.IsGap(entry.reportedAt, p.now) {
			entry.unpublish(&p.publisher, p.published, deletedIf(gone), key.of(entry.uid))
			delete(n.pods, key)
		}
	}
}

// markUnavailable unpublishes everything and keeps what the next rate is computed from.
func (n *node) markUnavailable(t usage.EventType) {
	publisher, now := &n.store.publisher, n.store.now().UnixNano()
	n.unavailable, n.extrasUntil = true, [len(extras{})]int64{}
	n.unpublish(publisher, now, t, n.key())
	for key, entry := range n.pods {
		entry.unpublish(publisher, now, usage.Expired, key.of(entry.uid))
	}
}

// deletedIf is the type of an event about an object that is gone, or not.
func deletedIf(gone bool) usage.EventType {
	if gone {
		return usage.Deleted
	}
	return usage.Expired
}
