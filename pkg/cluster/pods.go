package cluster

import (
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Pods are the pods of a cluster, stripped. They are shared by their readers and never changed. It is safe for concurrent use.
type Pods struct {
	// mu guards all of it.
	mu sync.RWMutex
	// seed is for the hash tables of pods.
	seed       maphash.Seed
	namespaces map[string]*namespace
	// ordered are the namespaces in order, in a slice that is never changed; nil since one came or went. changes counts how often one did.
	ordered []*namespace
	changes int
	// running is how many pods of a node should have usage; a node without one is not in it.
	running map[string]int
	// leftOut is how many pods have more labels than are kept.
	leftOut int
}

func newPods() *Pods {
	return &Pods{seed: maphash.MakeSeed(), namespaces: map[string]*namespace{}, running: map[string]int{}}
}

// Get returns a pod by name.
func (p *Pods) Get(namespace, name string) (*Pod, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	ns := p.namespaces[namespace]
	if ns == nil {
		return nil, false
	}
	e, ok := ns.pods[name]
	if !ok {
		return nil, false
	}
	return e.pod.Load(), true
}

// Running is true where a pod that should have usage is bound to the node.
func (p *Pods) Running(node string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.running[node] > 0
}

// put adds a pod, or replaces the one of that name. The objects of one pod share its cell. The caller holds mu.
func (p *Pods) put(pod *Pod) {
	ns := p.namespaces[pod.Namespace]
	if ns == nil {
		ns = newNamespace(strings.Clone(pod.Namespace), p.seed)
		p.namespaces[ns.name] = ns
		p.ordered, p.changes = nil, p.changes+1
	}
	if e := ns.pods[pod.Name]; e != nil {
		before := e.pod.Load()
		if before.UID == pod.UID {
			pod.Usage = before.Usage
		}
		p.count(before, -1)
	}
	p.count(pod, 1)
	ns.put(pod)
}

// remove drops the pod of that name. The caller holds mu.
func (p *Pods) remove(namespace, name string) {
	ns := p.namespaces[namespace]
	if ns == nil {
		return
	}
	if e := ns.pods[name]; e != nil {
		p.count(e.pod.Load(), -1)
		ns.remove(e)
	}
	if len(ns.pods) == 0 {
		delete(p.namespaces, namespace)
		p.ordered, p.changes = nil, p.changes+1
	}
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

// changedAtOnce is how many pods of a list are added, or dropped, while readers wait.
const changedAtOnce = 64

// replace adds pods and drops all others. It is called by the one goroutine that changes the pods. Readers in between see some of
// both.
func (p *Pods) replace(all []*Pod) {
	stays := make(map[*entry]bool, len(all))
	for some := range slices.Chunk(all, changedAtOnce) {
		p.mu.Lock()
		for _, pod := range some {
			p.put(pod)
			stays[p.namespaces[pod.Namespace].pods[pod.Name]] = true
		}
		p.mu.Unlock()
	}
	for _, ns := range p.chosen(metav1.NamespaceAll) {
		for some := range slices.Chunk(p.entries(ns), changedAtOnce) {
			p.removeAll(ns, some, stays)
		}
	}
}

// entries are all pods of a namespace, in no order.
func (p *Pods) entries(ns *namespace) []*entry {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return slices.Collect(maps.Values(ns.pods))
}

// removeAll drops the pods that do not stay.
func (p *Pods) removeAll(ns *namespace, some []*entry, stays map[*entry]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range some {
		if !stays[e] {
			p.remove(ns.name, e.pod.Load().Name)
		}
	}
}
