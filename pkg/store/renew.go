package store

import "github.com/plimsoll/plimsoll/pkg/usage"

// PodChanged publishes the usage of a pod again, with a new resource version, because the API serves its object in another way now. It is called once
// Objects has the new object, and waits for a Put of the node. It does nothing where no usage of the pod is published.
func (s *Store) PodChanged(node, namespace, name, uid string) {
	entry := s.find(node)
	if entry == nil {
		return
	}
	entry.mu.Lock()
	defer entry.unlock()
	key := podKey{namespace, name}
	pod := entry.pods[key]
	if pod == nil || pod.uid != uid || pod.usage == nil {
		return
	}
	e, _ := s.objects.Pod(namespace, name)
	u := *pod.usage
	pod.renew(entry, &u, &u.ResourceVersion, func() usage.Event { return pod.event(key, &u, e.Idle) })
}

// NodeChanged is PodChanged for a node.
func (s *Store) NodeChanged(name, uid string) {
	entry := s.find(name)
	if entry == nil {
		return
	}
	entry.mu.Lock()
	defer entry.unlock()
	if entry.usage == nil || entry.id.UID != uid {
		return
	}
	u := *entry.usage
	entry.renew(entry, &u, &u.ResourceVersion, func() usage.Event { return entry.event(&u) })
}

// renew publishes u, a copy of what is published. It sets the version of u. It does nothing where the node is gone, or another has published since.
func (o *publication[T]) renew(n *node, u *T, version *uint64, event func() usage.Event) {
	p := &n.store.publisher
	event = p.prepare(event)
	p.mu.Lock()
	defer p.mu.Unlock()
	if n.gone.Load() || !o.isServed() {
		return
	}
	*version = p.next(n.store.now().UnixNano())
	if o.usage = u; o.cell != nil {
		o.cell.Publish(u, o.fresh)
	}
	p.notify(event)
}
