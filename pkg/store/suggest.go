package store

import "github.com/plimsoll/plimsoll/pkg/sample"

// suggest gives rates to what lacks one, and makes the answers that they complete.
func (n *node) suggest(s *sample.Node, p *put) {
	if n.lack == noRate && n.self.cpu.Suggest(s.Usage, sample.Evidence{Capacity: p.capacity.cpu}) {
		n.resolveSelf(p)
	}
	for i := range s.Pods {
		n.suggestPod(&s.Pods[i], p)
	}
}

func (n *node) suggestPod(s *sample.Pod, p *put) {
	expected, known := p.objects.Pod(s.Namespace, s.Name)
	key := podKey{s.Namespace, s.Name}
	held := n.pods[key]
	if !known || held == nil || held.uid != expected.UID || !n.speaksFor(expected, s.UID) || held.missing.lack != noRate {
		return
	}
	names := indexNames(expected.Containers)
	for i := range s.Containers {
		name := s.Containers[i].Name
		if c := held.containers.find(name); c != nil {
			c.cpu.Suggest(s.Containers[i].Usage, sample.Evidence{Capacity: p.capacity.cpu, Started: expected.started(names.find(name))})
		}
	}
	held.resolve(key, expected, n, p)
}

// rateless counts what lacked nothing but a rate in the newest look.
func (n *node) rateless() (count int) {
	if n.lack == noRate {
		count++
	}
	for _, held := range n.pods {
		if held.named == n.looked && held.missing.lack == noRate {
			count++
		}
	}
	return count
}
