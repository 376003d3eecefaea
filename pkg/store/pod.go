package store

import (
	"slices"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// pod is what is held of one pod by the node that it runs on.
type pod struct {
	// uid is of the pod's object; empty until the object is known.
	uid string
	// heard is the UID that the kubelet says, for as long as the object is not known; empty where it says none.
	heard string
	// named is when the kubelet last named the pod, in Unix nanoseconds of the server's clock.
	named      int64
	containers []container

	// answer is the last whole one, nil where there was none, and fresh when it was confirmed. What is missing from a newer one is in
	// missing.
	answer  *PodUsage
	fresh   freshness
	missing missing
	// slot is where answer is published for as long as it may be served; nil where nobody reads it.
	slot *PodSlot
}

type container struct {
	name string
	meter
	// named is when the kubelet last named the container.
	named int64
}

// take accepts the readings of the containers that the kubelet named, and forgets those that it long did not.
func (h *pod) take(s *sample.Pod, oldest int64, p *put) {
	h.named = p.now
	for i := range s.Containers {
		if age := ageOf(&s.Containers[i].Usage); oldest > 0 && age > oldest {
			p.rejected.Add(sample.OlderLife)
			continue
		}
		c := h.container(s.Containers[i].Name)
		c.named = p.now
		c.take(s.Containers[i].Usage, p)
	}
	h.containers = slices.DeleteFunc(h.containers, func(c container) bool { return p.now-c.named > p.forget })
}

func (h *pod) find(name string) *container {
	for i := range h.containers {
		if h.containers[i].name == name {
			return &h.containers[i]
		}
	}
	return nil
}

func (h *pod) container(name string) *container {
	if c := h.find(name); c != nil {
		return c
	}
	h.containers = append(h.containers, container{name: name})
	return &h.containers[len(h.containers)-1]
}

// resolve makes a new answer if every expected container has its numbers in this look, and says what is missing if not.
func (h *pod) resolve(e Expected, disks []sample.ContainerDisk, p *put) {
	usage := &PodUsage{Node: e.Node, Generation: p.generation, Containers: make([]ContainerUsage, 0, len(e.Containers))}
	fresh := freshness{seen: p.now, advanced: p.now}
	for _, name := range e.Containers {
		if slices.Contains(e.Idle, name) {
			usage.Containers = append(usage.Containers, ContainerUsage{Name: name})
			continue
		}
		c, rate, lack := h.measure(name, p)
		if lack != nothing {
			h.lacks(missing{container: name, lack: lack}, e.Containers, p)
			return
		}
		fresh.advanced = min(fresh.advanced, c.advanced)
		usage.add(c, rate, disks)
	}
	if len(e.Containers) == len(e.Idle) {
		h.lacks(missing{lack: noContainer}, e.Containers, p)
		return
	}
	usage.complete(e.Idle)
	if h.answer == nil || !usage.same(h.answer) {
		h.answer = usage
	}
	h.missing, h.fresh = missing{}, fresh
	if h.slot != nil {
		h.slot.publish(h.answer, fresh)
	}
}

// withdraw leaves nothing to serve.
func (h *pod) withdraw() {
	h.fresh = freshness{}
	if h.slot != nil {
		h.slot.withdraw(h.answer)
	}
}

// lacks keeps the last whole answer, unless a container is expected now that it never held: then it is whole no longer.
func (h *pod) lacks(m missing, expected []string, p *put) {
	h.missing = m
	if p.newestOnly || slices.ContainsFunc(expected, func(name string) bool { return !h.answer.has(name) }) {
		h.withdraw()
	}
}

func (h *pod) measure(name string, p *put) (*container, sample.Rate, lack) {
	c := h.find(name)
	if c == nil || c.named != p.now {
		return nil, sample.Rate{}, notReported
	}
	rate, lack := c.meter.measure(p, h.overdue(p))
	return c, rate, lack
}

// overdue is true where the answer has grown old: a container whose lives are always met young must not hide the pod.
func (h *pod) overdue(p *put) bool {
	return h.fresh.known() && p.now-h.fresh.seen > p.maxAge/2
}

// add widens the answer by one container: the pod's time is the oldest end, its window the longest.
func (u *PodUsage) add(c *container, rate sample.Rate, disks []sample.ContainerDisk) {
	end := time.Unix(0, rate.To)
	if u.Time.IsZero() || end.Before(u.Time) {
		u.Time = end
	}
	u.Window = max(u.Window, time.Duration(rate.To-rate.From))
	disk, hasDisk := c.bytes(disks)
	u.Containers = append(u.Containers, ContainerUsage{
		Name: c.name, CPU: rate.Nanocores, Memory: c.memory,
		Swap: c.swap, HasSwap: c.hasSwap == c.named,
		Disk: disk, HasDisk: hasDisk,
	})
}

// complete leaves swap space and disks out unless every container has them: a reader that adds up what it is given would have
// too little. One that waits swaps nothing.
func (u *PodUsage) complete(idle []string) {
	swap, disk := true, true
	for _, c := range u.Containers {
		swap = swap && (c.HasSwap || slices.Contains(idle, c.Name))
		disk = disk && c.HasDisk
	}
	for i := range u.Containers {
		c := &u.Containers[i]
		if c.HasSwap = swap; !swap {
			c.Swap = 0
		}
		if c.HasDisk = disk; !disk {
			c.Disk = 0
		}
	}
}

func (u *PodUsage) has(name string) bool {
	return u != nil && slices.ContainsFunc(u.Containers, func(c ContainerUsage) bool { return c.Name == name })
}

// same is true where nothing but the generation differs: then the old one stays, and two reads are alike to the byte.
func (u *PodUsage) same(other *PodUsage) bool {
	return u.Time.Equal(other.Time) && u.Window == other.Window && slices.Equal(u.Containers, other.Containers)
}
