package fleet

import (
	"fmt"
	"slices"
	"time"
)

// AddPod runs a pod on a node. A pod that runs there under this name and UID is brought up to date: its containers'
// rates and memory change from now on, a container with a new start time has restarted. With another UID it is replaced.
func (f *Fleet) AddPod(node string, pod Pod) error {
	n, err := f.node(node)
	if err != nil {
		return err
	}
	if err := pod.validate(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := pod.key()
	if before := f.pods[key]; before.pod != nil &&
		(before.node != n || before.pod.uid != pod.UID || before.pod.group != pod.LoadGroup) {
		f.leave(before)
	}
	p := n.put(pod, f.now())
	f.pods[key] = placed{n, p}
	f.join(placed{n, p})
	return nil
}

// RemovePod ends a pod on a node. An empty uid ends any pod of that name. It returns false where there was none.
func (f *Fleet) RemovePod(node, namespace, name, uid string) bool {
	n, err := f.node(node)
	if err != nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	key := podKey{namespace, name}
	p := n.remove(key, uid, f.now())
	if p == nil {
		return false
	}
	f.leave(placed{n, p})
	if f.pods[key].pod == p {
		delete(f.pods, key)
	}
	return true
}

// Restart begins a new instance of a container: a new start time and a counter of 0. The pod's and the node's go on.
func (f *Fleet) Restart(namespace, pod, container string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, c, err := f.find(namespace, pod, container)
	if err != nil {
		return err
	}
	at.node.mu.Lock()
	defer at.node.mu.Unlock()
	now := c.usage.now()
	c.begin(f.now())
	c.usage.set(c.usage.began, now)
	return nil
}

// Truth returns the true usage of a container now: its CPU rate in cores and its memory in bytes. With readings that are
// made by housekeeping a node's response is the same some seconds later.
func (f *Fleet) Truth(namespace, pod, container string) (cpuCores float64, memoryBytes uint64, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, c, err := f.find(namespace, pod, container)
	if err != nil {
		return 0, 0, false
	}
	at.node.mu.RLock()
	defer at.node.mu.RUnlock()
	l := c.usage.now()
	return float64(l.rate) / nano, l.memory, true
}

// NodeTruth returns the true usage of a node now: its pods and the base load, in cores and bytes.
func (f *Fleet) NodeTruth(node string) (cpuCores float64, memoryBytes uint64, ok bool) {
	n, err := f.node(node)
	if err != nil {
		return 0, 0, false
	}
	l := n.now()
	return float64(l.rate) / nano, l.memory, true
}

// PodTruth is a pod that the fleet runs.
type PodTruth struct {
	Node, Namespace, Name, UID string
	// Containers are sorted by name. Start is when this instance of a container began.
	Containers []Container
}

// Pods returns all pods of the fleet as they are now, sorted by namespace and name.
func (f *Fleet) Pods() []PodTruth {
	f.mu.Lock()
	defer f.mu.Unlock()
	truths := make([]PodTruth, 0, len(f.pods))
	for _, at := range f.pods {
		truths = append(truths, at.truth())
	}
	slices.SortFunc(truths, func(a, b PodTruth) int {
		return podKey{a.Namespace, a.Name}.compare(podKey{b.Namespace, b.Name})
	})
	return truths
}

func (at placed) truth() PodTruth {
	at.node.mu.RLock()
	defer at.node.mu.RUnlock()
	t := PodTruth{Node: at.node.name, Namespace: at.pod.key.namespace, Name: at.pod.key.name, UID: at.pod.uid}
	for _, c := range at.pod.containers {
		l := c.usage.now()
		t.Containers = append(t.Containers, Container{
			Name: c.name, Start: time.Unix(0, c.usage.began), CPU: float64(l.rate) / nano, Memory: l.memory, Swap: l.swap,
		})
	}
	return t
}

// Running is how many pods the fleet runs.
func (f *Fleet) Running() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.pods)
}

// find returns a container and where it runs. The caller holds f.mu.
func (f *Fleet) find(namespace, pod, name string) (placed, *container, error) {
	at, ok := f.pods[podKey{namespace, pod}]
	if !ok {
		return placed{}, nil, fmt.Errorf("the fleet runs no pod %s/%s", namespace, pod)
	}
	i := slices.IndexFunc(at.pod.containers, func(c *container) bool { return c.name == name })
	if i < 0 {
		return placed{}, nil, fmt.Errorf("pod %s/%s has no running container %q", namespace, pod, name)
	}
	return at, at.pod.containers[i], nil
}
