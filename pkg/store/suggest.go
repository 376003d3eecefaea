package store

import "github.com/plimsoll/plimsoll/pkg/sample"

// suggest gives rates to what misses one, and publishes the usage that they complete.
func (n *node) suggest(s *sample.Node, p *put) {
	if n.missing == noRate && n.self.cpu.AcceptKubeletRate(s.Usage, 0) {
		n.resolveSelf(p)
	}
	for i := range s.Pods {
		n.suggestPod(&s.Pods[i], p)
	}
}

func (n *node) suggestPod(s *sample.Pod, p *put) {
	expected, known := p.objects.Pod(s.Namespace, s.Name)
	key := podKey{s.Namespace, s.Name}
	entry := n.pods[key]
	if !known || entry == nil || entry.uid != expected.UID || !n.owns(expected, s.UID) || entry.missing.reason != noRate {
		return
	}
	names := newNameIndex(expected.Containers)
	for i := range s.Containers {
		name := s.Containers[i].Name
		if c := entry.containers.find(name); c != nil {
			c.cpu.AcceptKubeletRate(s.Containers[i].Usage, expected.started(names.find(name)))
		}
	}
	entry.resolve(key, expected, n, p)
}

// withoutRate counts what missed nothing but a rate in the newest scrape.
func (n *node) withoutRate() (count int) {
	if n.missing == noRate {
		count++
	}
	for _, entry := range n.pods {
		if entry.reportedAt == n.scrapedAt && entry.missing.reason == noRate {
			count++
		}
	}
	return count
}
