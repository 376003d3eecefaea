package store

import (
	"cmp"
	"fmt"
	"strings"

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
		return cmp.Or(entry.id.Reporter, fmt.Sprintf("the kubelet of node %q", node)) + " does not report the pod"
	}
	return entry.id.named(p.missing.reason.of(fmt.Sprintf("container %q", p.missing.container)))
}

// NodeMessage is one sentence about why a node itself has no usage, as far as the store can know; empty where it cannot.
func (s *Store) NodeMessage(name string) string {
	entry := s.find(name)
	if entry == nil {
		return ""
	}
	entry.mu.Lock()
	defer entry.unlock()
	return entry.id.named(entry.selfMissing.of(fmt.Sprintf("node %q", name)))
}

// named returns a message about the kubelet as one about who reports in its place.
func (id Identity) named(message string) string {
	if id.Reporter == "" {
		return message
	}
	return strings.Replace(message, "the kubelet", id.Reporter, 1)
}
