package store

import (
	"slices"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Observe registers an observer with a queue of so many events. The caller must close it. Besides the methods that take responses, Start and
// PodDeleted cause events: of what becomes too old, and of pods that are gone before the node's next scrape.
func (s *Store) Observe(capacity int) *usage.Observer {
	o := usage.NewObserver(capacity, s.published, s.publisher.remove)
	s.publisher.mu.Lock()
	defer s.publisher.mu.Unlock()
	s.publisher.observers = append(s.publisher.observers, o)
	s.publisher.observed.Store(true)
	return o
}

// PodDeleted unpublishes the usage of a pod that was deleted. It is called once Objects does not have the pod any more, and waits for a Put of the
// node.
func (s *Store) PodDeleted(node, namespace, name, uid string) {
	entry := s.find(node)
	if entry == nil {
		return
	}
	entry.mu.Lock()
	defer entry.unlock()
	key := podKey{namespace, name}
	if pod := entry.pods[key]; pod != nil && pod.uid == uid {
		pod.unpublish(&s.publisher, s.now().UnixNano(), usage.Deleted, key.of(uid))
	}
}

// published iterates over all that is served, node by node. No lock is held while the event is used.
func (s *Store) published(yield func(usage.Event) bool) {
	for _, n := range s.allNodes() {
		for _, e := range n.events() {
			if !yield(e) {
				return
			}
		}
	}
}

// events are what is served of a node and its pods.
func (n *node) events() (all []usage.Event) {
	n.mu.Lock()
	defer n.unlock()
	if n.isServed() {
		all = append(all, n.event(n.usage))
	}
	for key, pod := range n.pods {
		if pod.isServed() {
			e, _ := n.store.objects.Pod(key.namespace, key.name)
			all = append(all, pod.event(key, pod.usage, e.Idle))
		}
	}
	return all
}

// event is that of usage of the node itself.
func (n *node) event(u *usage.Node) usage.Event {
	return usage.Event{Key: n.key(), Node: u, ResourceVersion: u.ResourceVersion, Accepted: []usage.Accepted{n.self.accepted()}}
}

// event is that of usage of the pod, of whose containers some are idle: these have no readings.
func (po *pod) event(key podKey, u *usage.Pod, idle []string) usage.Event {
	accepted := make([]usage.Accepted, len(u.Containers))
	for i := range u.Containers {
		name := u.Containers[i].Name
		if len(idle) > 0 && idle[0] == name {
			idle = idle[1:]
		} else if c := po.containers.find(name); c != nil {
			accepted[i] = c.accepted()
		}
	}
	return usage.Event{Key: key.of(po.uid), Pod: u, ResourceVersion: u.ResourceVersion, Accepted: accepted}
}

// accepted returns the readings that usage is computed from.
func (s *usageState) accepted() usage.Accepted {
	a := usage.Accepted{Start: s.cpu.InstanceStart(), Memory: s.memory, MemoryTime: s.memoryTime}
	a.CPU, a.CPUTime = s.cpu.Value()
	return a
}

func (p *publisher) remove(o *usage.Observer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.observers = slices.DeleteFunc(p.observers, func(other *usage.Observer) bool { return other == o })
	p.observed.Store(len(p.observers) > 0)
}
