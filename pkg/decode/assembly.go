package decode

import (
	"strings"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// assembly puts the containers of an answer into their pods, each pod and each container once, in the order in which they
// first came. The names that it keeps are copies: none of them holds the body in memory.
type assembly struct {
	pods        []sample.Pod
	podAt       map[podKey]int
	containers  []placed
	containerAt map[containerKey]int
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
	sample.Container
}

// newAssembly makes room for about so many pods and containers. It takes names from those that are given, and adds to them.
func newAssembly(pods, containers int, names map[string]string) *assembly {
	return &assembly{
		pods:        make([]sample.Pod, 0, pods),
		podAt:       make(map[podKey]int, pods),
		containers:  make([]placed, 0, containers),
		containerAt: make(map[containerKey]int, containers),
		names:       names,
	}
}

// pod returns the index of a pod, and whether it is new.
func (a *assembly) pod(namespace, name string) (index int, isNew bool) {
	if at, ok := a.podAt[podKey{namespace, name}]; ok {
		return at, false
	}
	p := sample.Pod{Namespace: a.shared(namespace), Name: a.own(name)}
	at := len(a.pods)
	a.pods = append(a.pods, p)
	a.podAt[podKey{p.Namespace, p.Name}] = at
	return at, true
}

// container returns the index of a container of a pod, and whether it is new.
func (a *assembly) container(pod int, name string) (index int, isNew bool) {
	if at, ok := a.containerAt[containerKey{pod, name}]; ok {
		return at, false
	}
	name = a.shared(name)
	at := len(a.containers)
	a.containers = append(a.containers, placed{pod: pod, Container: sample.Container{Name: name}})
	a.containerAt[containerKey{pod, name}] = at
	return at, true
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
	for _, c := range a.containers {
		counts[c.pod]++
	}
	all := make([]sample.Container, len(a.containers))
	for i, n := range counts {
		if n > 0 {
			a.pods[i].Containers, all = all[:0:n], all[n:]
		}
	}
	for _, c := range a.containers {
		a.pods[c.pod].Containers = append(a.pods[c.pod].Containers, c.Container)
	}
	return a.pods
}

// isContainer says whether a name is that of a container. The others are the pod's sandbox and its cgroup, whose use
// would count twice.
func isContainer(name string) bool {
	return name != "" && name != "POD"
}
