package store

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// pod is what is kept of one pod by the node that it runs on.
type pod struct {
	// uid is of the pod's object; empty until the object is known.
	uid string
	// reportedUID is the UID that the kubelet reports, for as long as the object is not known; empty where it reports none.
	reportedUID string
	// reportedAt is when the kubelet last reported the pod, in Unix nanoseconds of the server's clock.
	reportedAt int64
	containers containers

	// What is missing from the newest response is in missing; what is published is the last complete usage.
	publication[usage.Pod]
	missing missing
}

// maxUnknown bounds how many containers are kept of a pod whose object is not known yet.
const maxUnknown = 64

// accept takes the readings of the containers that the pod's object has, and drops those that the kubelet has long not reported. Where the
// object is not known yet it accepts what may turn out to be the pod's.
func (h *pod) accept(s *sample.Pod, e Expected, known bool, p *put) {
	h.reportedAt = p.now
	oldest := oldest(e, p.now)
	expected, awaited := newNameIndex(e.Containers), newNameIndex(e.Awaited)
	for i := range s.Containers {
		c := &s.Containers[i]
		at := expected.find(c.Name)
		switch age := instanceAge(&c.Usage); {
		case known && at < 0 && awaited.find(c.Name) < 0:
		case !known && h.full(c.Name):
			p.rejected.Add(sample.TooMany)
		case oldest > 0 && age > oldest:
			p.rejected.Add(sample.OlderInstance)
		default:
			entry := h.containers.get(c.Name)
			entry.reportedAt = p.now
			entry.accept(c.Usage, e.started(at), p)
		}
	}
	h.containers.keep(func(c *container) bool { return !p.staleness.IsOutage(c.reportedAt, p.now) })
}

// full is true where no further container may be kept of a pod that is not known.
func (h *pod) full(name string) bool {
	return len(h.containers.all) >= maxUnknown && h.containers.find(name) == nil
}

// started is when the running instance of a container started, in Unix nanoseconds by the pod's status; 0 where that is not known. The
// container is given by its index in Containers, or -1.
func (e *Expected) started(at int) int64 {
	if at < 0 || at >= len(e.Started) {
		return 0
	}
	return e.Started[at] * int64(time.Second)
}

// resolve publishes new usage if every expected container has its readings in this scrape, and keeps what is missing if not.
func (h *pod) resolve(key podKey, e Expected, n *node, p *put) {
	newest := &usage.Pod{Node: e.Node, Containers: make([]usage.Container, 0, len(e.Containers))}
	fresh, idle := usage.Freshness{Seen: p.now, Advanced: p.now}, e.Idle
	for i, name := range e.Containers {
		if len(idle) > 0 && idle[0] == name {
			newest.Containers, idle = append(newest.Containers, usage.Container{Name: name}), idle[1:]
			continue
		}
		c, rate, reason := h.compute(name, e.started(i), p)
		if reason != nothingMissing {
			h.markIncomplete(key, missing{container: name, reason: reason}, e.Containers, p)
			return
		}
		fresh.Advanced = min(fresh.Advanced, c.advanced)
		addContainer(newest, c, rate)
	}
	if len(e.Containers) == len(e.Idle) {
		h.markIncomplete(key, missing{reason: noContainer}, e.Containers, p)
		return
	}
	h.missing = missing{}
	if !p.staleness.IsFresh(fresh, p.published) {
		h.unpublishPod(p.publisher, key, p.published, Expired)
		return
	}
	h.setExtras(newest, key, e, n, p)
	h.publishUsage(newest, fresh, key, e, p)
}

// publishUsage publishes usage of the pod, or confirms what is published where nothing has changed.
func (h *pod) publishUsage(newest *usage.Pod, fresh usage.Freshness, key podKey, e Expected, p *put) {
	if h.usage != nil && newest.Equal(h.usage) && h.confirm(p, fresh) {
		return
	}
	var event *Event
	if p.publisher.isObserved() {
		event = &Event{Key: key.of(h.uid), Pod: newest, Accepted: h.accepted(e)}
	}
	h.publish(p, newest, &newest.ResourceVersion, fresh, event)
}

// of is the key of the pod of this name that has the UID.
func (k podKey) of(uid string) Key { return Key{k.namespace, k.name, uid} }

// accepted are the readings of the containers, in the order of the pod's object. An idle one has none.
func (h *pod) accepted(e Expected) []Accepted {
	all, idle := make([]Accepted, len(e.Containers)), e.Idle
	for i, name := range e.Containers {
		if len(idle) > 0 && idle[0] == name {
			idle = idle[1:]
		} else if c := h.containers.find(name); c != nil {
			all[i] = c.accepted()
		}
	}
	return all
}

// unpublishPod has nothing of the pod be served.
func (h *pod) unpublishPod(p *publisher, key podKey, now int64, t EventType) {
	h.unpublish(p, now, p.event(t, key.of(h.uid)))
}

// markIncomplete keeps the last complete usage, unless a container is expected now that it never had: then it is complete no longer.
func (h *pod) markIncomplete(key podKey, m missing, expected []string, p *put) {
	h.missing = m
	if p.staleness.NewestOnly() || !h.usage.HasAll(expected) {
		h.unpublishPod(p.publisher, key, p.published, Expired)
	}
}

func (h *pod) compute(name string, started int64, p *put) (*container, sample.Rate, missingReason) {
	c := h.containers.find(name)
	if c == nil || c.reportedAt != p.now {
		return nil, sample.Rate{}, notReported
	}
	rate, reason := c.usageState.compute(p, started, h.overdue(p))
	return c, rate, reason
}

// overdue is true where the usage has grown old: a container whose instances are too young at each scrape must not hide the pod.
func (h *pod) overdue(p *put) bool {
	return p.staleness.IsOverdue(h.fresh, p.now)
}

// addContainer adds one container to the usage of a pod: the pod's time is the oldest end, its window the longest.
func addContainer(u *usage.Pod, c *container, rate sample.Rate) {
	end := time.Unix(0, rate.To)
	if u.Time.IsZero() || end.Before(u.Time) {
		u.Time = end
	}
	u.Window = max(u.Window, time.Duration(rate.To-rate.From))
	u.Containers = append(u.Containers, usage.Container{Name: c.name, CPU: rate.Nanocores, Memory: c.memory})
}
