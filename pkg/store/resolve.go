package store

// Resolve publishes what the newest scrape of a node reported of pods whose objects were not known then, and does nothing for the others.
// The Summary is of those pods alone. It stands in for another scrape where pods become known after the readings.
func (s *Store) Resolve(id Identity) Summary {
	entry := s.find(id.Name)
	if entry == nil {
		return Summary{}
	}
	entry.mu.Lock()
	defer entry.unlock()
	if entry.id != id || entry.scrapedAt == 0 || entry.unavailable {
		return Summary{}
	}
	p := s.newPut(entry.scrapedAt, entry)
	for key, pod := range entry.pods {
		entry.resolvePod(key, pod, &p)
	}
	s.scheduleExpiry(entry, p.expires)
	return p.summary(entry)
}

func (n *node) resolvePod(key podKey, entry *pod, p *put) {
	if entry.uid != "" || entry.reportedAt != n.scrapedAt {
		return
	}
	expected, known := p.objects.Pod(key.namespace, key.name)
	if known && !expected.Static && expected.Created > p.now {
		return // The kubelet reported another pod of that name.
	}
	if !known || !n.owns(expected, entry.reportedUID) || entry.isOlderThan(oldest(expected, p.now)) {
		return
	}
	entry.bind(expected)
	entry.resolve(key, expected, n, p)
	p.countPod(entry)
}

// bind ties the pod to its object. What was kept of other containers than the object's is dropped.
func (h *pod) bind(e Expected) {
	if h.uid == "" {
		expected, awaited := newNameIndex(e.Containers), newNameIndex(e.Awaited)
		h.containers.keep(func(c *container) bool { return expected.find(c.name) >= 0 || awaited.find(c.name) >= 0 })
	}
	h.uid, h.cell, h.reportedUID = e.UID, e.Usage, ""
}

// isOlderThan is true where a container seems older than the pod can be: it was of an earlier pod.
func (h *pod) isOlderThan(oldest int64) bool {
	for i := range h.containers.all {
		if s := &h.containers.all[i].cpu; oldest > 0 && s.InstanceStart() != 0 && s.Time()-s.InstanceStart() > oldest {
			return true
		}
	}
	return false
}
