package store

import (
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Reader reads what the store has published.
func (s *Store) Reader() *usage.Reader { return s.reader }

// PodMessage is one sentence about why a pod has no usage, as far as the store can know; empty where it cannot.
func (s *Store) PodMessage(node, namespace, name string) string {
	entry := s.find(node)
	if entry == nil {
		return ""
	}
	entry.mu.Lock()
	defer entry.unlock()
	if entry.scrapedAt == 0 {
		return ""
	}
	p := entry.pods[podKey{namespace, name}]
	if p == nil || p.reportedAt == 0 {
		return fmt.Sprintf("the kubelet of node %q does not report the pod", node)
	}
	return p.missing.reason.of(fmt.Sprintf("container %q", p.missing.container))
}

// NodeMessage is one sentence about why a node itself has no usage, as far as the store can know; empty where it cannot.
func (s *Store) NodeMessage(name string) string {
	entry := s.find(name)
	if entry == nil {
		return ""
	}
	entry.mu.Lock()
	defer entry.unlock()
	return entry.selfMissing.of(fmt.Sprintf("node %q", name))
}
