package decode

import (
	"strings"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// assembly puts the containers of an answer into their pods, each pod and each container once, in the order in which they
// first came. The names that it keeps are copies: none of them holds the body in memory.
type assembly struct {
	filter      Filter
	pods        []sample.Pod
	podAt       map[podKey]int
	containers  []placed
	containerAt map[containerKey]int
	// asked counts, for each pod, the containers for which the filter was asked, and unexpected those that it did not expect.
	asked      []int
	unexpected int
	// partial is true where a container was left out for a bound.
	partial bool
	// names are those that many pods of an answer share, namespaces and container names, and those that are kept from before.
	names map[string]string
}

type podKey struct{ namespace, name string }

type containerKey struct {
	pod  int
	name string
}

// placed is a container and the index of its pod.
type placed struct {
	pod int
	// unexpected is true for a container that is known by name, so that its lines are recognized, and has no readings.
	unexpected bool
	sample.Container
}

// room is for how many containers memory is taken before any was seen: a node of the usual size. More of them take it as they come.
const room = 512

// newAssembly makes room for about so many pods and containers. It takes names from those that are given, and adds to them.
func newAssembly(pods, containers int, names map[string]string, filter Filter) *assembly {
	pods, containers = min(pods, room), min(containers, room)
	return &assembly{
		filter:      filter,
		pods:        make([]sample.Pod, 0, pods),
		podAt:       make(map[podKey]int, pods),
		containers:  make([]placed, 0, containers),
		containerAt: make(map[containerKey]int, containers),
		asked:       make([]int, 0, pods),
		names:       names,
	}
}

// pod returns the index of a pod, and whether it is new. A reason says why it is left out.
func (a *assembly) pod(namespace, name string) (index int, isNew bool, reason sample.Reason) {
	if at, ok := a.podAt[podKey{namespace, name}]; ok {
		return at, false, sample.Accepted
	}
	if reason := checkPodName(namespace, name); reason != sample.Accepted {
		return 0, false, reason
	}
	if len(a.pods) >= maxPods {
		return 0, false, a.tooMany()
	}
	p := sample.Pod{Namespace: a.shared(namespace), Name: a.own(name)}
	at := len(a.pods)
	a.pods, a.asked = append(a.pods, p), append(a.asked, 0)
	a.podAt[podKey{p.Namespace, p.Name}] = at
	return at, true, sample.Accepted
}

// container returns the index of a container of a pod, and whether it is new. A reason says why it is left out.
func (a *assembly) container(pod int, name string) (index int, isNew bool, reason sample.Reason) {
	if at, ok := a.containerAt[containerKey{pod, name}]; ok {
		return at, false, sample.Accepted
	}
	if len(name) > maxContainerName {
		return 0, false, sample.TooLong
	}
	if a.asked[pod] >= maxPerPod || len(a.containers) >= maxContainers {
		return 0, false, a.tooMany()
	}
	a.asked[pod]++
	unexpected := !a.filter.Expects(a.pods[pod].Namespace, a.pods[pod].Name, name)
	if unexpected {
		if a.unexpected >= maxUnexpected {
			return 0, false, a.tooMany()
		}
		a.unexpected++
	}
	name = a.shared(name)
	at := len(a.containers)
	a.containers = append(a.containers, placed{pod: pod, unexpected: unexpected, Container: sample.Container{Name: name}})
	a.containerAt[containerKey{pod, name}] = at
	return at, true, sample.Accepted
}

func (a *assembly) tooMany() sample.Reason {
	a.partial = true
	return sample.TooMany
}

func (a *assembly) shared(name string) string {
	if kept, ok := a.names[name]; ok {
		return kept
	}
	name = strings.Clone(name)
	a.names[name] = name
	return name
}

// own is a name that nothing else of the answer has.
func (a *assembly) own(name string) string {
	if kept, ok := a.names[name]; ok {
		return kept
	}
	return strings.Clone(name)
}

// done gives the pods away; the assembly is of no use afterwards.
func (a *assembly) done() []sample.Pod {
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

// isContainer says whether a name is that of a container. The others are the pod's sandbox and its cgroup, whose use
// would count twice.
func isContainer(name string) bool {
	return name != "" && name != "POD"
}
