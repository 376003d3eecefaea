package decode

import (
	"slices"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// layoutBuilder makes the layout of a body while its series are read: each pod and each container once, in the order in which they first came.
// The names that it keeps are copies: none of them holds the body in memory.
type layoutBuilder struct {
	layout
	filter  Filter
	podAt   map[podKey]int32
	entryAt map[entryKey]int32
	// isPartial is true where the layout cannot be compared with a body: a container was left out for a bound, or a name is written with escapes.
	isPartial bool
	names     names
}

type entryKey struct {
	pod  int32
	name string
}

// maxPrealloc is for how many containers, at most, memory is allocated before the first is read: those of a node of the usual size.
const maxPrealloc = 512

// newLayoutBuilder allocates memory for about so many containers, with two of them in a pod. The builder takes names from the map, and adds to
// it.
func newLayoutBuilder(containers int, n names, filter Filter) *layoutBuilder {
	containers = min(containers, maxPrealloc)
	pods := containers / 2
	return &layoutBuilder{
		layout:  layout{pods: make([]layoutPod, 0, pods), entries: make([]entry, 0, containers)},
		filter:  filter,
		podAt:   make(map[podKey]int32, pods),
		entryAt: make(map[entryKey]int32, containers),
		names:   n,
	}
}

// containerLabels are the labels of a series of a container. They are a part of the body.
type containerLabels struct{ container, namespace, pod []byte }

// container returns the index of the entry of the container that labels name, which is added where it is new. The container is left out where it
// is rejected.
func (b *layoutBuilder) container(of containerLabels) (int, sample.Rejection) {
	if len(of.namespace) > maxNamespace || len(of.pod) > maxPodName || len(of.container) > maxContainerName {
		return 0, sample.TooLong
	}
	pod, rejection := b.pod(of.namespace, of.pod)
	if rejection != sample.NotRejected {
		return 0, rejection
	}
	if at, ok := b.entryAt[entryKey{pod, string(of.container)}]; ok {
		return int(at), sample.NotRejected
	}
	return b.addContainer(pod, of.container)
}

// pod returns the index of a pod, which is added where it is new.
func (b *layoutBuilder) pod(namespace, name []byte) (int32, sample.Rejection) {
	if at, ok := b.podAt[podKey{string(namespace), string(name)}]; ok {
		return at, sample.NotRejected
	}
	if rejection := checkPodName(namespace, name); rejection != sample.NotRejected {
		return 0, rejection
	}
	if len(b.pods) >= maxPods {
		return 0, b.tooMany()
	}
	key, at := podKey{b.names.of(namespace), b.names.ofPod(name)}, int32(len(b.pods))
	b.isPartial = b.isPartial || !isPlain(key.namespace) || !isPlain(key.name)
	b.pods = append(b.pods, layoutPod{podKey: key})
	b.podAt[key] = at
	return at, sample.NotRejected
}

func (b *layoutBuilder) addContainer(pod int32, name []byte) (int, sample.Rejection) {
	p := &b.pods[pod]
	if p.filtered >= maxPerPod || len(b.entries) >= maxContainers {
		return 0, b.tooMany()
	}
	added := entry{name: b.names.of(name), pod: pod, at: p.containers}
	p.filtered++
	switch {
	case b.filter.Expects(p.namespace, p.name, added.name):
		p.containers++
	case b.unexpected >= maxUnexpected:
		return 0, b.tooMany()
	default:
		b.unexpected++
		added.at = none
	}
	b.isPartial = b.isPartial || !isPlain(added.name)
	at := len(b.entries)
	b.entries = append(b.entries, added)
	b.entryAt[entryKey{pod, added.name}] = int32(at)
	return at, sample.NotRejected
}

func (b *layoutBuilder) tooMany() sample.Rejection {
	b.isPartial = true
	return sample.TooMany
}

// finished returns the layout in no more memory than it needs, or the zero value where it cannot be compared with a body.
func (b *layoutBuilder) finished() layout {
	if b.isPartial {
		return layout{}
	}
	return layout{pods: slices.Clone(b.pods), entries: slices.Clone(b.entries), unexpected: b.unexpected}
}

// isContainer is true for the name of a container, and false for the names of the pod's sandbox and of its cgroup, whose usage
// would count twice.
func isContainer(name []byte) bool { return len(name) > 0 && string(name) != "POD" }

// names has one copy of each name that pods of a body share, which are namespaces and container names, and the names of the body before.
type names map[string]string

// of returns the one copy of a name that pods share.
func (n names) of(name []byte) string {
	if kept, ok := n[string(name)]; ok {
		return kept
	}
	kept := string(name)
	n[kept] = kept
	return kept
}

// ofPod returns a copy of a name that no other pod of the body has.
func (n names) ofPod(name []byte) string {
	if kept, ok := n[string(name)]; ok {
		return kept
	}
	return string(name)
}
