package store

import (
	"slices"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// servedExtras are the extra resources that the scrape at a moment had, and those of further responses that are recent enough and of the instance
// whose CPU is served.
func (s *usageState) servedExtras(scrapedAt int64, p *pass) usage.Extras {
	return s.extras.served(scrapedAt, s.cpu.IsInstance, p)
}

// served are those of them that the scrape at a moment had, and those of further responses that are recent enough and of an instance by its start.
func (x *extras) served(scrapedAt int64, isInstance func(start int64) bool, p *pass) (all usage.Extras) {
	if x == nil {
		return nil
	}
	for i := range x {
		r := &x[i]
		switch {
		case i == fromScrape && r.at != scrapedAt,
			i != fromScrape && (p.published >= p.node.extrasUntil[i] || !isInstance(r.start)):
		case len(all) == 0:
			all = append(all, r.usage...)
		default:
			for _, x := range r.usage {
				all = all.Add(x.Resource, x.Value)
			}
		}
	}
	return all
}

// setExtras gives the containers of a pod their extra resources, and the first of them those of the pod as a whole.
func (po *pod) setExtras(u *usage.Pod, idle []string, p *pass) {
	po.setExtrasOfContainers(u, idle, p)
	for _, x := range po.own.served(po.reportedAt, isPod, p) {
		for i := range u.Containers {
			c := &u.Containers[i]
			c.Extra = c.Extra.Add(x.Resource, x.Value)
			x.Value = 0
		}
	}
}

// isPod is true of every response: what is kept of a pod is kept by its UID.
func isPod(int64) bool { return true }

// setExtrasOfContainers gives the containers of a pod their own extra resources. An additive one is left out unless every container has it: a reader that adds up
// what it is given would have too little. An idle container has none of what is zero where it is idle. The idle ones are in the order of the
// containers.
func (po *pod) setExtrasOfContainers(u *usage.Pod, idle []string, p *pass) {
	complete, some := sample.AllResources, false
	for i := range u.Containers {
		c := &u.Containers[i]
		c.Extra = nil
		if len(idle) > 0 && idle[0] == c.Name {
			idle, complete = idle[1:], complete&zeroWhereIdle()
			continue
		}
		if entry := po.containers.find(c.Name); entry != nil {
			c.Extra = entry.servedExtras(po.reportedAt, p)
		}
		some = some || len(c.Extra) > 0
		complete &= c.Extra.Resources()
	}
	if !some {
		return
	}
	for i := range u.Containers {
		c := &u.Containers[i]
		c.Extra = slices.DeleteFunc(c.Extra, func(x usage.Extra) bool { return x.Resource.Info().Additive && !complete.Has(x.Resource) })
		for r := range complete.All() {
			c.Extra = c.Extra.Add(r, 0) // Only an idle container does not have it.
		}
	}
}

// zeroWhereIdle are the additive resources of which an idle container uses nothing.
func zeroWhereIdle() (set sample.ResourceSet) {
	for r := range sample.AllResources.All() {
		if row := r.Info(); row.Additive && row.ZeroWhereIdle {
			set |= sample.ResourcesOf(r)
		}
	}
	return set
}

// publishExtras publishes again what is published, with the extra resources that may be served now. What the newest scrape does not confirm keeps
// those of them that it has, and gets no other.
func (n *node) publishExtras(p *pass) {
	if n.usage != nil {
		newest := *n.usage
		newest.Extra = n.self.servedExtras(n.scrapedAt, p)
		if n.selfMissing != cause.None {
			newest.Extra = intersect(n.usage.Extra, newest.Extra)
		}
		n.publishSelf(&newest, n.fresh, p)
	}
	for key, po := range n.pods {
		expected, known := p.objects.Pod(key.namespace, key.name)
		if po.usage == nil || !known || expected.UID != po.uid {
			continue
		}
		newest := *po.usage
		newest.Containers = slices.Clone(newest.Containers)
		po.setExtras(&newest, expected.Idle, p)
		if !po.isConfirmed(expected, n) {
			for i := range newest.Containers {
				newest.Containers[i].Extra = intersect(po.usage.Containers[i].Extra, newest.Containers[i].Extra)
			}
		}
		po.publishUsage(&newest, po.fresh, key, expected, p)
	}
}

// isConfirmed is true where the newest scrape of the node had everything that is published of the pod.
func (po *pod) isConfirmed(e Expected, n *node) bool {
	return po.missing.reason == cause.None && po.reportedAt == n.scrapedAt &&
		len(po.usage.Containers) == len(e.Containers) && po.usage.HasAll(e.Containers)
}

// intersect returns those of the extra resources that are among others too.
func intersect(all, others usage.Extras) usage.Extras {
	return slices.DeleteFunc(slices.Clone(all), func(x usage.Extra) bool { return !others.Resources().Has(x.Resource) })
}

// expireExtras publishes without them the usage that is served with extra resources that are too old.
func (n *node) expireExtras(p *pass) {
	expired := false
	for i, until := range n.extrasUntil {
		switch {
		case until == 0:
		case p.published < until:
			p.expires = min(p.expires, until-1)
		default:
			n.extrasUntil[i], expired = 0, true
		}
	}
	if expired {
		n.publishExtras(p)
	}
}
