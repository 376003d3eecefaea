package cluster

import (
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
)

// Pods are the pods of a cluster, stripped. They are shared by their readers and never changed. It is safe for concurrent use.
type Pods struct {
	// deleted is called with each pod that is gone, and changed with each that is served in another way: see Cluster.OnPodDeleted and OnPodChanged.
	deleted func(*Pod)
	changed func(before, after *Pod)

	// mu guards what follows.
	mu         sync.RWMutex
	namespaces map[string]*namespace
	ordered    sorted[*namespace]
	// running is how many pods of a node should have usage; a node without one is not in it.
	running map[string]int
	// leftOut is how many pods have more labels than are kept.
	leftOut int
}

func newPods() *Pods {
	return &Pods{deleted: func(*Pod) {}, changed: func(_, _ *Pod) {}, namespaces: map[string]*namespace{}, running: map[string]int{}}
}

// Get returns a pod by name.
func (p *Pods) Get(namespace, name string) (*Pod, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if ns := p.namespaces[namespace]; ns != nil {
		if e := ns.pods[name]; e != nil {
			return e.pod.Load(), true
		}
	}
	return nil, false
}

// Running is true where a pod that should have usage is bound to the node.
func (p *Pods) Running(node string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.running[node] > 0
}

func (p *Pods) set(pod *Pod) {
	switch before := p.put(pod); {
	case before == nil:
	case before.UID != pod.UID:
		p.deleted(before)
	case !before.isServedLike(pod):
		p.changed(before, pod)
	}
}

// put adds a pod, or replaces the one of that name, which it returns. The objects of one pod share its cell.
func (p *Pods) put(pod *Pod) (before *Pod) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ns := p.namespaces[pod.Namespace]
	if ns == nil {
		ns = newNamespace(strings.Clone(pod.Namespace))
		p.namespaces[ns.name] = ns
		p.ordered.put(ns)
	}
	if e := ns.pods[pod.Name]; e != nil {
		before = e.pod.Load()
		if before.UID == pod.UID {
			pod.Usage = before.Usage
		}
		p.count(before, -1)
	}
	p.count(pod, 1)
	ns.put(pod)
	return before
}

func (p *Pods) remove(pod *Pod) {
	if before := p.drop(pod); before != nil {
		p.deleted(before)
	}
}

// drop drops the pod of that name, and returns it; nil where there is none.
func (p *Pods) drop(pod *Pod) *Pod {
	p.mu.Lock()
	defer p.mu.Unlock()
	ns := p.namespaces[pod.Namespace]
	if ns == nil || ns.pods[pod.Name] == nil {
		return nil
	}
	e := ns.pods[pod.Name]
	before := e.pod.Load()
	p.count(before, -1)
	ns.remove(e)
	if len(ns.pods) == 0 {
		delete(p.namespaces, ns.name)
		p.ordered.remove(ns.name)
	}
	return before
}

// LabelsLeftOut is how many pods have more labels than are kept: no label selector matches them.
func (p *Pods) LabelsLeftOut() int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.leftOut
}

// count keeps running and leftOut right. Pods that do not run are not counted as running.
func (p *Pods) count(pod *Pod, by int) {
	if pod.Labels.LeftOut() {
		p.leftOut += by
	}
	if pod.Phase != corev1.PodRunning || len(pod.Expected) == len(pod.Idle()) {
		return
	}
	p.running[pod.Node] += by
	if p.running[pod.Node] == 0 {
		delete(p.running, pod.Node)
	}
}

// replace adds pods and drops all others. Readers in between see some of both.
func (p *Pods) replace(all []*Pod) {
	stays := make(map[*Pod]bool, len(all))
	for _, pod := range all {
		p.set(pod)
		stays[pod] = true
	}
	for pod := range p.All() {
		if !stays[pod] {
			p.remove(pod)
		}
	}
}
