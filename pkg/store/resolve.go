package store

// Resolve makes answers of what the newest look at a node brought of pods that nobody knew then, and does nothing for the others. The
// Summary is of those pods alone. It stands in for another look where pods become known after the numbers.
func (s *Store) Resolve(id Identity) Summary {
	held := s.find(id.Name)
	if held == nil {
		return Summary{}
	}
	held.mu.Lock()
	defer held.unlock()
	if held.id != id || held.looked == 0 || held.silent {
		return Summary{}
	}
	p := s.newPut(held.looked, held)
	for key, pod := range held.pods {
		held.resolvePod(key, pod, &p)
	}
	s.scheduleExpiry(held, p.expires)
	return p.summary(held)
}

func (n *node) resolvePod(key podKey, held *pod, p *put) {
	if held.uid != "" || held.named != n.looked {
		return
	}
	expected, known := p.objects.Pod(key.namespace, key.name)
	if known && !expected.Static && expected.Created > p.now {
		return // What the look met was another pod of that name.
	}
	if !known || !n.speaksFor(expected, held.heard) || held.older(oldest(expected, p.now)) {
		return
	}
	held.know(expected)
	held.resolve(key, expected, n, p)
	p.countPod(held)
}

// know ties the pod to its object. What was held of other containers than the object's is dropped.
func (h *pod) know(e Expected) {
	if h.uid == "" {
		expected, awaited := indexNames(e.Containers), indexNames(e.Awaited)
		h.containers.keep(func(c *container) bool { return expected.find(c.name) >= 0 || awaited.find(c.name) >= 0 })
	}
	h.uid, h.cell, h.heard = e.UID, e.Usage, ""
}

// older is true where a container looks older than the pod can be: it was of a pod before.
func (h *pod) older(oldest int64) bool {
	for i := range h.containers.all {
		if s := &h.containers.all[i].cpu; oldest > 0 && s.Start() != 0 && s.Time()-s.Start() > oldest {
			return true
		}
	}
	return false
}
