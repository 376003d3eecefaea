package decode

import (
	"strings"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// sampleBuilder groups the containers of a body by pod, each pod and each container once, in the order in which they
// first came. The names that it keeps are copies: none of them holds the body in memory.
type sampleBuilder struct {
	filter      Filter
	pods        []sample.Pod
	podAt       map[podKey]int
	containers  []builtContainer
	containerAt map[containerKey]int
	// filterCalls counts the calls of the filter for each pod, unexpected the containers that the filter did not expect.
	filterCalls []int
	unexpected  int
	// partial is true where a container was left out for a bound.
	partial bool
	// names are the names that many pods of a body share (namespaces and container names), and those of the body before.
	names map[string]string
}

type podKey struct{ namespace, name string }

type containerKey struct {
	pod  int
	name string
}

// builtContainer is a container and the index of its pod.
type builtContainer struct {
	pod int
	// unexpected is true for a container that is known by name, so that its lines are recognized, and has no readings.
	unexpected bool
	sample.Container
}

// maxPrealloc is for how many containers, at most, memory is allocated before the first is read: those of a node of the usual size.
const maxPrealloc = 512

// newBuilder allocates memory for about so many pods and containers. The builder takes names from the map, and adds to it.
func newBuilder(pods, containers int, names map[string]string, filter Filter) *sampleBuilder {
	pods, containers = min(pods, maxPrealloc), min(containers, maxPrealloc)
	return &sampleBuilder{
		filter:      filter,
		pods:        make([]sample.Pod, 0, pods),
		podAt:       make(map[podKey]int, pods),
		containers:  make([]builtContainer, 0, containers),
		containerAt: make(map[containerKey]int, containers),
		filterCalls: make([]int, 0, pods),
		names:       names,
	}
}

// pod returns the index of a pod, and whether it is new. It is left out where the reason is not Accepted.
func (a *sampleBuilder) pod(namespace, name string) (index int, isNew bool, reason sample.Rejection) {
	if at, ok := a.podAt[podKey{namespace, name}]; ok {
		return at, false, sample.Accepted
	}
	if reason := checkPodName(namespace, name); reason != sample.Accepted {
		return 0, false, reason
	}
	if len(a.pods) >= maxPods {
		return 0, false, a.tooMany()
	}
	p := sample.Pod{Namespace: a.intern(namespace), Name: a.copyOf(name)}
	at := len(a.pods)
	a.pods, a.filterCalls = append(a.pods, p), append(a.filterCalls, 0)
	a.podAt[podKey{p.Namespace, p.Name}] = at
	return at, true, sample.Accepted
}

// container returns the index of a container of a pod, and whether it is new. It is left out where the reason is not Accepted.
func (a *sampleBuilder) container(pod int, name string) (index int, isNew bool, reason sample.Rejection) {
	if at, ok := a.containerAt[containerKey{pod, name}]; ok {
		return at, false, sample.Accepted
	}
	if len(name) > maxContainerName {
		return 0, false, sample.TooLong
	}
	if a.filterCalls[pod] >= maxPerPod || len(a.containers) >= maxContainers {
		return 0, false, a.tooMany()
	}
	a.filterCalls[pod]++
	unexpected := !a.filter.Expects(a.pods[pod].Namespace, a.pods[pod].Name, name)
	if unexpected {
		if a.unexpected >= maxUnexpected {
			return 0, false, a.tooMany()
		}
		a.unexpected++
	}
	name = a.intern(name)
	at := len(a.containers)
	a.containers = append(a.containers, builtContainer{pod: pod, unexpected: unexpected, Container: sample.Container{Name: name}})
	a.containerAt[containerKey{pod, name}] = at
	return at, true, sample.Accepted
}

func (a *sampleBuilder) tooMany() sample.Rejection {
	a.partial = true
	return sample.TooMany
}

// intern returns the one copy of a name that pods share.
func (a *sampleBuilder) intern(name string) string {
	if kept, ok := a.names[name]; ok {
		return kept
	}
	name = strings.Clone(name)
	a.names[name] = name
	return name
}

// copyOf returns a copy of a name that no other pod of the body has.
func (a *sampleBuilder) copyOf(name string) string {
	if kept, ok := a.names[name]; ok {
		return kept
	}
	return strings.Clone(name)
}

// build returns the pods, which belong to the caller. The builder must not be used afterwards.
func (a *sampleBuilder) build() []sample.Pod {
	if len(a.pods) == 0 {
		return nil
	}
	counts := make([]int, len(a.pods))
	total := 0
	for i := range a.containers {
		if c := &a.containers[i]; !c.unexpected {
			counts[c.pod]++
			total++
		}
	}
	all := make([]sample.Container, total)
	for i, n := range counts {
		if n > 0 {
			a.pods[i].Containers, all = all[:0:n], all[n:]
		}
	}
	for i := range a.containers {
		if c := &a.containers[i]; !c.unexpected {
			a.pods[c.pod].Containers = append(a.pods[c.pod].Containers, c.Container)
		}
	}
	return a.pods
}

// isContainer is true for the name of a container, and false for the names of the pod's sandbox and of its cgroup, whose usage
// would count twice.
func isContainer(name string) bool {
	return name != "" && name != "POD"
}
