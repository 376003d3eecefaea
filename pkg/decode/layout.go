package decode

import (
	"slices"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// layout is the list of the containers of a body, in their order.
type layout struct {
	pods []layoutPod
	// entries are the containers in the order in which the body first named them.
	entries []entry
	// unexpected is how many of them the filter did not expect.
	unexpected int
}

// layoutPod is a pod, how many of its containers are expected, and how many the filter was asked about.
type layoutPod struct {
	podKey
	containers, filtered int32
}

type podKey struct{ namespace, name string }

// entry is a container: its name, the index of its pod, and its own in the pod, which is none where the filter did not expect it.
type entry struct {
	name    string
	pod, at int32
}

// none is an index that stands for nothing.
const none = -1

// isPlain is true for a label value that is written as it is.
func isPlain(name string) bool { return !strings.ContainsAny(name, "\"\\\n") }

// names are those of the layout, by themselves.
func (l *layout) names() names {
	all := make(names, len(l.pods))
	for _, p := range l.pods {
		all[p.namespace], all[p.name] = p.namespace, p.name
	}
	for _, e := range l.entries {
		all[e.name] = e.name
	}
	return all
}

// isValid is false where the filter expects a container now that it did not when the layout was made. A container that the filter no longer
// expects stays in the sample: the store leaves it out.
func (l *layout) isValid(filter Filter) bool {
	left := l.unexpected
	for i := 0; left > 0; i++ {
		e := &l.entries[i]
		if e.at != none {
			continue
		}
		left--
		if p := &l.pods[e.pod]; filter.Expects(p.namespace, p.name, e.name) {
			return false
		}
	}
	return true
}

// prepare makes n a sample with the layout's containers and without readings. It reuses the memory of n's slices, and allocates the containers
// of all pods at once that have too little.
func (l *layout) prepare(n *sample.Node) {
	pods := slices.Grow(n.Pods[:0], len(l.pods))[:len(l.pods)]
	*n = sample.Node{Usage: emptied(&n.Usage), Pods: pods, Unexpected: l.unexpected}
	missing := int32(0)
	for i, p := range l.pods {
		if cap(pods[i].Containers) < int(p.containers) {
			missing += p.containers
		}
	}
	added := make([]sample.Container, missing)
	for i, p := range l.pods {
		containers := pods[i].Containers[:0]
		if cap(containers) < int(p.containers) {
			containers, added = added[:0:p.containers], added[p.containers:]
		}
		pods[i] = sample.Pod{Namespace: p.namespace, Name: p.name, Containers: containers[:p.containers]}
	}
	for i := range l.entries {
		if e := &l.entries[i]; e.at != none {
			c := &pods[e.pod].Containers[e.at]
			*c = sample.Container{Name: e.name, Usage: emptied(&c.Usage)}
		}
	}
}

// emptied returns a usage without readings that keeps the memory for its extra resources.
func emptied(u *sample.Usage) sample.Usage { return sample.Usage{Extra: u.Extra[:0]} }

// usage finds the usage of an entry in a sample that prepare made.
func (l *layout) usage(n *sample.Node, i int) *sample.Usage {
	return &n.Pods[l.entries[i].pod].Containers[l.entries[i].at].Usage
}
