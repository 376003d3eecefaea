package store

import (
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// pod is what is kept of one pod by the node that it runs on.
type pod struct {
	// uid is of the pod's object; empty until the object is known.
	uid string
	// reportedUID is the UID that the kubelet reports, for as long as the object is not known; empty where it reports none.
	reportedUID string
	// reportedAt is when the kubelet last reported the pod, in Unix nanoseconds of the server's clock; 0 where only a further response has.
	reportedAt int64
	containers containers
	// own are the extra resources of the pod as a whole; nil where there are none.
	own *extras

	// What is missing from the newest response is in missing; what is published is the last complete usage.
	publication[usage.Pod]
	missing missingUsage
}

// missingUsage is why the newest scrape gave no complete usage of a pod, and which of its containers is concerned.
type missingUsage struct {
	container string
	reason    cause.Cause
}

// maxUnknown bounds how many containers are kept of a pod whose object is not known yet.
const maxUnknown = 64

// accept takes the readings of the containers that the pod's object has, and drops those that the kubelet has long not reported. Where the
// object is not known yet it accepts what may turn out to be the pod's.
func (po *pod) accept(s *sample.Pod, e Expected, known bool, p *pass) {
	po.reportedAt = p.now
	po.own = po.own.put(fromScrape, 0, s.Extra, p)
	oldest := oldest(e, p.wallTime())
	expected, awaited := newNameIndex(e.Containers), newNameIndex(e.Awaited)
	for i := range s.Containers {
		c := &s.Containers[i]
		at := expected.find(c.Name)
		switch {
		case known && at < 0 && awaited.find(c.Name) < 0:
		case !known && len(po.containers.all) >= maxUnknown && po.containers.find(c.Name) == nil:
			p.result.Rejected.Add(sample.TooMany)
		case oldest > 0 && c.CPU.Known && c.Start != 0 && c.CPU.Time-c.Start > oldest && p.scrapeInfo(0).Check(c.CPU) != sample.Future:
			p.result.Rejected.Add(sample.OlderInstance)
		default:
			entry := po.containers.get(c.Name)
			entry.reportedAt = p.now
			entry.accept(c.Usage, e.started(at), p)
		}
	}
	po.containers.keep(func(c *container) bool { return !p.staleness.IsGap(c.reportedAt, p.now) })
}

// bindAndResolve ties a pod of the response to its object, and publishes its usage. What was kept of other containers than the object's is dropped.
func (po *pod) bindAndResolve(key podKey, e Expected, p *pass) {
	if po.uid == "" {
		expected, awaited := newNameIndex(e.Containers), newNameIndex(e.Awaited)
		po.containers.keep(func(c *container) bool { return expected.find(c.name) >= 0 || awaited.find(c.name) >= 0 })
	}
	po.uid, po.cell, po.reportedUID = e.UID, e.Usage, ""
	po.resolve(key, e, p)
	p.result.Pods++
	if po.usage != nil {
		p.result.Complete++
	}
}

// resolve publishes new usage if every expected container has its readings in this scrape, and keeps what is missing if not.
func (po *pod) resolve(key podKey, e Expected, p *pass) {
	newest := &usage.Pod{Node: e.Node, Containers: make([]usage.Container, 0, len(e.Containers))}
	fresh, idle := usage.Freshness{Seen: p.now, Advanced: p.now}, e.Idle
	for i, name := range e.Containers {
		if len(idle) > 0 && idle[0] == name {
			newest.Containers, idle = append(newest.Containers, usage.Container{Name: name}), idle[1:]
			continue
		}
		c, rate, reason := po.compute(name, e.started(i), p)
		if reason != cause.None {
			po.markIncomplete(key, missingUsage{container: name, reason: reason}, e.Containers, p)
			return
		}
		fresh.Advanced = min(fresh.Advanced, c.advanced)
		addContainer(newest, c, rate)
	}
	if len(e.Containers) == len(e.Idle) {
		po.markIncomplete(key, missingUsage{reason: cause.PodNoContainer}, e.Containers, p)
		return
	}
	po.missing = missingUsage{}
	if !p.staleness.IsFresh(fresh, p.published) {
		po.unpublish(&p.publisher, p.published, usage.Expired, key.of(po.uid))
		return
	}
	po.setExtras(newest, e.Idle, p)
	po.publishUsage(newest, fresh, key, e, p)
}

// publishUsage publishes usage of the pod, or confirms what is published where nothing has changed.
func (po *pod) publishUsage(newest *usage.Pod, fresh usage.Freshness, key podKey, e Expected, p *pass) {
	same := po.usage != nil && newest.Equal(po.usage)
	po.publish(p, newest, same, &newest.ResourceVersion, fresh, func() usage.Event { return po.event(key, newest, e.Idle) })
}

// markIncomplete keeps the last complete usage, unless a container is expected now that it never had: then it is complete no longer.
func (po *pod) markIncomplete(key podKey, m missingUsage, expected []string, p *pass) {
	po.missing = m
	if p.staleness.NewestOnly() || !po.usage.HasAll(expected) {
		po.unpublish(&p.publisher, p.published, usage.Expired, key.of(po.uid))
	}
}

// compute returns the rate of a container. Where the pod's usage is overdue, one whose instances are too young at each scrape must not hide it.
func (po *pod) compute(name string, started int64, p *pass) (*container, sample.Rate, cause.Cause) {
	c := po.containers.find(name)
	if c == nil || c.reportedAt != p.now {
		return nil, sample.Rate{}, cause.UsageNotReported
	}
	rate, reason := c.usageState.compute(p, started, p.staleness.IsOverdue(po.fresh, p.now))
	return c, rate, reason
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
