package store

import (
	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// PutKubeletRates takes the kubelet's own CPU rates, from its other endpoint, for what missed nothing else in the newest scrape of the
// node. It changes nothing that is complete, and the next readings replace the rates. It returns how many pods, the node itself
// counted as one, still have no rate.
func (s *Store) PutKubeletRates(id Identity, n *sample.Node) (withoutRate int) {
	s.amend(id, func(p *pass) {
		if p.node.selfMissing == cause.UsageNoRate && p.node.self.cpu.AcceptKubeletRate(n.Usage, 0) {
			p.node.resolve(p)
		}
		for i := range n.Pods {
			p.node.putPodRates(&n.Pods[i], p)
		}
		withoutRate = p.node.withoutRate()
	})
	return withoutRate
}

func (n *node) putPodRates(s *sample.Pod, p *pass) {
	expected, _ := p.objects.Pod(s.Namespace, s.Name) // No node owns one that is not known.
	key := podKey{s.Namespace, s.Name}
	entry := n.pods[key]
	if entry == nil || entry.uid != expected.UID || !n.owns(expected, s.UID) || entry.missing.reason != cause.UsageNoRate {
		return
	}
	names := newNameIndex(expected.Containers)
	for i := range s.Containers {
		name := s.Containers[i].Name
		if c := entry.containers.find(name); c != nil {
			c.cpu.AcceptKubeletRate(s.Containers[i].Usage, expected.started(names.find(name)))
		}
	}
	entry.resolve(key, expected, p)
}

// withoutRate counts what missed nothing but a rate in the newest scrape.
func (n *node) withoutRate() (count int) {
	if n.selfMissing == cause.UsageNoRate {
		count++
	}
	for _, entry := range n.pods {
		if entry.reportedAt == n.scrapedAt && entry.missing.reason == cause.UsageNoRate {
			count++
		}
	}
	return count
}
