package store

import (
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// reportedExtras are the extra resources that the kubelet reported together with CPU and memory, at a time in Unix nanoseconds by the
// server's clock.
type reportedExtras struct {
	at    int64
	usage usage.Extras
}

// acceptExtras replaces the extra resources by those of the newest response.
func (s *usageState) acceptExtras(all sample.ExtraReadings, p *put) {
	if len(all) == 0 {
		s.extras = nil
		return
	}
	if s.extras == nil {
		s.extras = &reportedExtras{}
	}
	s.extras.at, s.extras.usage = p.now, p.acceptExtras(s.extras.usage[:0], all)
}

// confirmExtras has them stand for one more scrape, if they are of the scrape before.
func (s *usageState) confirmExtras(p *put) {
	if s.extras != nil && p.previous != 0 && s.extras.at == p.previous {
		s.extras.at = p.now
	}
}

// extrasAt appends the extra resources of the newest scrape, which was at this time.
func (s *usageState) extrasAt(to usage.Extras, at int64) usage.Extras {
	if s.extras == nil || s.extras.at != at {
		return to
	}
	return append(to, s.extras.usage...)
}

// extrasOfSelf are the extra resources of the node itself.
func (n *node) extrasOfSelf(p *put) usage.Extras {
	all := n.self.extrasAt(nil, p.now)
	if n.extras == nil {
		return all
	}
	for i := range n.extras {
		if r := &n.extras[i]; p.published < r.until {
			all = addMissing(all, r.node)
		}
	}
	return all
}

func addMissing(to, from usage.Extras) usage.Extras {
	for _, x := range from {
		to = to.Add(x.Resource, x.Value)
	}
	return to
}

// setExtras gives the containers of a pod their extra resources. The containers are those of the pod's object, in its order.
func (h *pod) setExtras(u *usage.Pod, key podKey, e Expected, n *node, p *put) {
	idle, some := e.Idle, false
	for i := range u.Containers {
		c := &u.Containers[i]
		c.Extra = nil
		if len(idle) > 0 && idle[0] == c.Name {
			idle = idle[1:]
			continue
		}
		if entry := h.containers.find(c.Name); entry != nil {
			c.Extra = entry.extrasAt(nil, h.reportedAt)
			c.Extra = n.extras.addTo(c.Extra, entry, key, h.uid, p.published)
			some = some || len(c.Extra) > 0
		}
	}
	if some {
		dropPartial(u, e.Idle)
	}
}

// addTo adds what further responses reported of this instance of a container. The receiver may be nil.
func (x *extras) addTo(to usage.Extras, c *container, key podKey, uid string, now int64) usage.Extras {
	if x == nil {
		return to
	}
	for i := range x {
		pod, ok := x[i].pods[key]
		if !ok || pod.uid != uid || now >= x[i].until {
			continue
		}
		if at := pod.names.find(c.name); at >= 0 && c.cpu.IsInstance(pod.containers[at].start) {
			to = addMissing(to, pod.containers[at].usage)
		}
	}
	return to
}

// dropPartial leaves additive resources out unless every container has them: a reader that adds up what it is given would have too
// little. An idle container has none of what is zero where it is idle. The idle ones are in the order of the containers.
func dropPartial(u *usage.Pod, idle []string) {
	complete := sample.AllResources
	rest := idle
	for i := range u.Containers {
		set := u.Containers[i].Extra.Resources()
		if len(rest) > 0 && rest[0] == u.Containers[i].Name {
			rest, set = rest[1:], zeroWhereIdle()
		}
		complete &= set
	}
	for i := range u.Containers {
		c := &u.Containers[i]
		if len(idle) > 0 && idle[0] == c.Name {
			idle = idle[1:]
			for r := range complete.All() {
				c.Extra = c.Extra.Add(r, 0)
			}
			continue
		}
		c.Extra = withoutPartial(c.Extra, complete)
	}
}

// withoutPartial leaves out the additive resources that are not complete.
func withoutPartial(all usage.Extras, complete sample.ResourceSet) usage.Extras {
	kept := all[:0]
	for _, x := range all {
		if !x.Resource.Info().Additive || complete.Has(x.Resource) {
			kept = append(kept, x)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
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
