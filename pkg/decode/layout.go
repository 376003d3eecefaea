package decode

import (
	"strings"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// layout is the list of the containers of a body, in their order.
type layout struct {
	// known is false for the zero value, which stands for no body.
	known bool
	pods  []podKey
	// entries are the containers in the order in which the body first named them.
	entries []entry
	// unexpected is how many of them the filter did not expect.
	unexpected int
}

// entry is a container: its name, the index of its pod, and its own in the pod, which is none where the filter did not expect it.
type entry struct {
	name    string
	pod, at int32
}

// layoutOf returns the layout of a body, or the zero value where a name is written with escapes, so that text cannot be compared.
func layoutOf(a *sampleBuilder) layout {
	l := layout{known: !a.partial, pods: make([]podKey, len(a.pods)), entries: make([]entry, len(a.containers)), unexpected: a.unexpected}
	for i, p := range a.pods {
		l.pods[i] = podKey{p.Namespace, p.Name}
		l.known = l.known && isPlain(p.Namespace) && isPlain(p.Name)
	}
	counts := make([]int32, len(a.pods))
	for i := range a.containers {
		c := &a.containers[i]
		l.entries[i] = entry{name: c.Name, pod: int32(c.pod), at: none}
		if !c.unexpected {
			l.entries[i].at = counts[c.pod]
			counts[c.pod]++
		}
		l.known = l.known && isPlain(c.Name)
	}
	if !l.known {
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
	for _, s := range l.entries {
		names[s.name] = s.name
	}
	return names
}

// isValid is false where the filter expects a container now that it did not when the layout was made. A container that the filter no longer
// expects stays in the sample: the store leaves it out.
func (l *layout) isValid(filter Filter) bool {
	left := l.unexpected
	for i := 0; left > 0; i++ {
		s := &l.entries[i]
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
	for i := range l.entries {
		s := &l.entries[i]
		if s.at == none {
			continue
		}
		p := &n.Pods[s.pod]
		p.Containers = withContainer(p.Containers, s.name)
	}
}

// withContainer adds a container without readings, in the memory of the container that had its index before.
func withContainer(all []sample.Container, name string) []sample.Container {
	if len(all) == cap(all) {
		return append(all, sample.Container{Name: name})
	}
	all = all[:len(all)+1]
	c := &all[len(all)-1]
	*c = sample.Container{Name: name, Usage: emptied(&c.Usage)}
	return all
}

// emptied returns a usage without readings that keeps the memory for its extra resources.
func emptied(u *sample.Usage) sample.Usage { return sample.Usage{Extra: u.Extra[:0]} }

// usage finds the usage of an entry in a sample that prepare made.
func (l *layout) usage(n *sample.Node, i int) *sample.Usage {
	return &n.Pods[l.entries[i].pod].Containers[l.entries[i].at].Usage
}
