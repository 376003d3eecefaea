package fleet

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// pod is one instance of a pod on a node. It is guarded by the node's mu, but for the fields that never change.
type pod struct {
	key   podKey
	uid   string
	group string
	// labels and the quoted texts are parts of the responses; they never change.
	labels                                string
	quotedNamespace, quotedName, quotedID string

	rhythm rhythm
	usage  usage
	// containers are sorted by name.
	containers []*container
	// shared is true where rate, in nanocores, replaces the usage that the annotations set.
	shared bool
	rate   uint64
}

// container is one container of a pod, through all its restarts. It is guarded by the node's mu.
type container struct {
	pod    *pod
	name   string
	labels string
	quoted string
	// started is the value of the start time series of this instance.
	started string

	// own is the usage that the annotations set. The actual usage differs where the pod shares a load.
	own    level
	rhythm rhythm
	usage  usage
}

func newPod(spec Pod, now int64) *pod {
	p := &pod{
		key: spec.key(), uid: spec.UID,
		labels:          `{namespace="` + escapeLabel(spec.Namespace) + `",pod="` + escapeLabel(spec.Name) + `"} `,
		quotedNamespace: quoteJSON(spec.Namespace), quotedName: quoteJSON(spec.Name), quotedID: quoteJSON(spec.UID),
		rhythm: containerRhythm(hash(spec.Namespace, spec.Name)),
	}
	first := now
	for _, c := range spec.Containers {
		first = min(first, startTime(c, now))
	}
	p.usage.begin(first, level{})
	p.update(spec, now)
	p.replay()
	return p
}

// update brings the containers up to date.
func (p *pod) update(spec Pod, now int64) {
	if p.group != spec.LoadGroup {
		p.group, p.shared = spec.LoadGroup, false
	}
	containers := make([]*container, 0, len(spec.Containers))
	for _, want := range spec.Containers {
		i := slices.IndexFunc(p.containers, func(c *container) bool { return c.name == want.Name })
		if i < 0 {
			containers = append(containers, newContainer(p, want, now))
			continue
		}
		c := p.containers[i]
		c.own = want.level()
		if !want.Start.IsZero() && startTime(want, now) != c.usage.began {
			c.begin(startTime(want, now))
		}
		containers = append(containers, c)
	}
	slices.SortFunc(containers, func(a, b *container) int { return cmp.Compare(a.name, b.name) })
	p.containers = containers
	p.apply(now)
}

// apply sets the containers' use and the pod's, which is their sum, from now on.
func (p *pod) apply(now int64) {
	var sum level
	for _, c := range p.containers {
		use := c.own
		if p.shared {
			use.rate = p.rate / uint64(len(p.containers))
		}
		c.usage.set(now, use)
		sum = sum.plus(use)
	}
	p.usage.set(now, sum)
}

// replay makes the counter of a new pod begin with its containers, so that it is their sum also before now.
func (p *pod) replay() {
	byStart := slices.SortedFunc(slices.Values(p.containers), func(a, b *container) int {
		return cmp.Compare(a.usage.began, b.usage.began)
	})
	p.usage.begin(p.usage.began, level{})
	for _, c := range byStart {
		p.usage.set(c.usage.began, p.usage.now().plus(c.usage.now()))
	}
}

func newContainer(p *pod, spec Container, now int64) *container {
	c := &container{
		pod: p, name: spec.Name, own: spec.level(), quoted: quoteJSON(spec.Name),
		labels: `{container="` + escapeLabel(spec.Name) + `",` + strings.TrimPrefix(p.labels, "{"),
		rhythm: containerRhythm(hash(p.key.namespace, p.key.name, spec.Name)),
	}
	c.begin(startTime(spec, now))
	return c
}

// begin starts a new instance: the counter is 0 at the given time.
func (c *container) begin(start int64) {
	c.usage.begin(start, c.own)
	c.started = strconv.FormatFloat(float64(start)/nano, 'g', -1, 64)
}

// level is valid after validate.
func (c Container) level() level {
	rate, _ := nanocores(c.CPU)
	return level{rate, c.Memory, c.Swap}
}

func startTime(c Container, now int64) int64 {
	if c.Start.IsZero() {
		return now
	}
	return min(c.Start.UnixNano(), now)
}

// compareSeries orders containers as the label values of their series are: container, namespace, pod.
func compareSeries(a, b *container) int {
	return cmp.Or(cmp.Compare(a.name, b.name), a.pod.key.compare(b.pod.key))
}
