package store

import (
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Reader reads what the store has published.
func (s *Store) Reader() *usage.Reader { return s.reader }

// WhyNoPod says in one sentence why a pod has no answer, as far as the store can know; empty where it cannot.
func (s *Store) WhyNoPod(node, namespace, name string) string {
	held := s.find(node)
	if held == nil {
		return ""
	}
	held.mu.RLock()
	defer held.runlock()
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
	defer held.runlock()
	return held.lack.of(fmt.Sprintf("node %q", name))
}
