package decode

import (
	"strings"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// layout is which containers an answer had.
type layout struct {
	// learned is false where nothing is known.
	learned bool
	pods    []podKey
	// slots are the containers in the order in which the answer first named them.
	slots []slot
	// unexpected is how many of them the filter did not expect.
	unexpected int
}

// slot is a container: its name, the index of its pod, and its own in the pod, which is none where the filter did not expect it.
type slot struct {
	name    string
	pod, at int32
}

// layoutOf remembers an answer, unless its names are such that they cannot be found by comparing text.
func layoutOf(a *assembly) layout {
	l := layout{learned: !a.partial, pods: make([]podKey, len(a.pods)), slots: make([]slot, len(a.containers)), unexpected: a.unexpected}
	for i, p := range a.pods {
		l.pods[i] = podKey{p.Namespace, p.Name}
		l.learned = l.learned && isPlain(p.Namespace) && isPlain(p.Name)
	}
	counts := make([]int32, len(a.pods))
	for i := range a.containers {
		c := &a.containers[i]
		l.slots[i] = slot{name: c.Name, pod: int32(c.pod), at: none}
		if !c.unexpected {
			l.slots[i].at = counts[c.pod]
			counts[c.pod]++
		}
		l.learned = l.learned && isPlain(c.Name)
	}
	if !l.learned {
		return layout{}
	}
	return l
}

// isPlain is true for a label value that is written as it is.
func isPlain(name string) bool { return !strings.ContainsAny(name, "\"\\\n") }

// names are those of the layout, by themselves.
func (l *layout) names() map[string]string {
	names := make(map[string]string, len(l.pods))
	for _, p := range l.pods {
		names[p.namespace], names[p.name] = p.namespace, p.name
	}
	for _, s := range l.slots {
		names[s.name] = s.name
	}
	return names
}

// stands is false where the filter expects now what it did not when the layout was made. What it no longer expects stays: the reader of
// the sample knows too.
func (l *layout) stands(filter Filter) bool {
	left := l.unexpected
	for i := 0; left > 0; i++ {
		s := &l.slots[i]
		if s.at != none {
			continue
		}
		left--
		if p := &l.pods[s.pod]; filter.Expects(p.namespace, p.name, s.name) {
			return false
		}
	}
	return true
}

// prepare makes n a sample with the layout's containers and without readings.
func (l *layout) prepare(n *sample.Node) {
	pods := n.Pods[:cap(n.Pods)]
	if len(pods) < len(l.pods) {
		pods = append(pods, make([]sample.Pod, len(l.pods)-len(pods))...)
	}
	*n = sample.Node{Usage: emptied(&n.Usage), Pods: pods[:len(l.pods)], Unexpected: l.unexpected}
	for i, p := range l.pods {
		n.Pods[i] = sample.Pod{Namespace: p.namespace, Name: p.name, Containers: n.Pods[i].Containers[:0]}
	}
	for i := range l.slots {
		s := &l.slots[i]
		if s.at == none {
			continue
		}
		p := &n.Pods[s.pod]
		p.Containers = withContainer(p.Containers, s.name)
	}
}

// withContainer adds a container without readings, with the memory of the one that was at its place before.
func withContainer(all []sample.Container, name string) []sample.Container {
	if len(all) == cap(all) {
		return append(all, sample.Container{Name: name})
	}
	all = all[:len(all)+1]
	c := &all[len(all)-1]
	*c = sample.Container{Name: name, Usage: emptied(&c.Usage)}
	return all
}

// emptied is a usage without readings, with the memory of another.
func emptied(u *sample.Usage) sample.Usage { return sample.Usage{Extra: u.Extra[:0]} }

// usage finds the usage of a slot in a sample that prepare made.
func (l *layout) usage(n *sample.Node, i int) *sample.Usage {
	return &n.Pods[l.slots[i].pod].Containers[l.slots[i].at].Usage
}
