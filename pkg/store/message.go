package store

import (
	"fmt"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/cause"
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
		if entry.id.Reporter != "" {
			return cause.EngineNoPod.Message()
		}
		return cause.PodNotReported.About(fmt.Sprintf("the kubelet of node %q", node))
	}
	return entry.id.named(p.missing.reason.About(fmt.Sprintf("container %q", p.missing.container)))
}

// NodeMissing is why a node itself has no usage, as far as the store can know; cause.None where it cannot.
func (s *Store) NodeMissing(name string) cause.Cause {
	missing, _ := s.nodeMissing(name)
	return missing
}

// NodeMessage is one sentence about that; empty where the store cannot know it.
func (s *Store) NodeMessage(name string) string {
	missing, id := s.nodeMissing(name)
	return id.named(missing.About(fmt.Sprintf("node %q", name)))
}

func (s *Store) nodeMissing(name string) (cause.Cause, Identity) {
	entry := s.find(name)
	if entry == nil {
		return cause.None, Identity{}
	}
	entry.mu.Lock()
	defer entry.unlock()
	return entry.selfMissing, entry.id
}

// named returns a message about the kubelet as one about who reports in its place.
func (id Identity) named(message string) string {
	if id.Reporter == "" {
		return message
	}
	return strings.Replace(message, "the kubelet", id.Reporter, 1)
}
