package store

import "fmt"

// Node returns what a node used; false where there is nothing that may still be served.
func (s *Store) Node(name string) (NodeUsage, bool) {
	held := s.find(name)
	if held == nil {
		return NodeUsage{}, false
	}
	held.mu.RLock()
	defer held.mu.RUnlock()
	if !held.fresh.within(s.maxAge, s.clock.Now().UnixNano()) {
		return NodeUsage{}, false
	}
	return held.answer, true
}

// Pod returns what a pod used, as the node says that it runs on; false where there is nothing that may still be served,
// or only of another pod of that name. The answer is shared.
func (s *Store) Pod(node, namespace, name, uid string) (PodUsage, bool) {
	held := s.find(node)
	if held == nil {
		return PodUsage{}, false
	}
	held.mu.RLock()
	defer held.mu.RUnlock()
	p := held.pods[podKey{namespace, name}]
	if p == nil || p.uid != uid || !p.fresh.within(s.maxAge, s.clock.Now().UnixNano()) {
		return PodUsage{}, false
	}
	return p.answer, true
}

// WhyNoPod says in one sentence why a pod has no answer, as far as the store can know; empty where it cannot.
func (s *Store) WhyNoPod(node, namespace, name string) string {
	held := s.find(node)
	if held == nil {
		return ""
	}
	held.mu.RLock()
	defer held.mu.RUnlock()
	if held.looked == 0 {
		return ""
	}
	p := held.pods[podKey{namespace, name}]
	if p == nil {
		return fmt.Sprintf("the kubelet of node %q does not report the pod", node)
	}
	return p.missing.String()
}

// WhyNoNode says in one sentence why a node itself has no answer, as far as the store can know; empty where it cannot.
func (s *Store) WhyNoNode(name string) string {
	held := s.find(name)
	if held == nil {
		return ""
	}
	held.mu.RLock()
	defer held.mu.RUnlock()
	return held.lack.of(fmt.Sprintf("node %q", name))
}
