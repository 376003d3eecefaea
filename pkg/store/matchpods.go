package store

// MatchPods publishes what the newest scrape of a node reported of pods whose objects were not known then, and does nothing for the others.
// The result is of those pods alone. It stands in for another scrape where pods become known after the readings.
func (s *Store) MatchPods(id Identity) (result PutResult) {
	s.amend(id, func(p *pass) {
		if p.node.unavailable {
			return
		}
		for key, po := range p.node.pods {
			p.node.matchPod(key, po, p)
		}
		result = p.result
	})
	return result
}

func (n *node) matchPod(key podKey, entry *pod, p *pass) {
	if entry.uid != "" || entry.reportedAt != n.scrapedAt {
		return
	}
	expected, known := p.objects.Pod(key.namespace, key.name)
	isNewer := known && !expected.Static && expected.Created > p.wallTime() // The kubelet reported another pod of that name.
	if !known || isNewer || !n.owns(expected, entry.reportedUID) || entry.isOlderThan(oldest(expected, p.wallTime())) {
		return
	}
	entry.bindAndResolve(key, expected, p)
}

// isOlderThan is true where a container seems older than the pod can be: it was of an earlier pod.
func (po *pod) isOlderThan(oldest int64) bool {
	for i := range po.containers.all {
		if s := &po.containers.all[i].cpu; oldest > 0 && s.InstanceStart() != 0 && s.Time()-s.InstanceStart() > oldest {
			return true
		}
	}
	return false
}
