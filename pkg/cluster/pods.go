package cluster

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Pods are the pods of a cluster, stripped. They are shared by their readers and never changed. It is safe for concurrent use.
type Pods struct {
	// mu guards all of it.
	mu         sync.RWMutex
	namespaces map[string]*namespace
	// running is how many pods of a node should have numbers; a node without one is not in it.
	running map[string]int
}

func newPods() *Pods {
	return &Pods{namespaces: map[string]*namespace{}, running: map[string]int{}}
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
	return e.pod, true
}

// List returns the pods of a namespace, or of all where it is empty, that a selector takes, in the order of namespace and name. The
// slice is the caller's. It costs what it returns where the selector asks for a value of a label.
func (p *Pods) List(namespace string, selector labels.Selector) []*Pod {
	p.mu.RLock()
	defer p.mu.RUnlock()
	all := p.chosen(namespace)
	var out []*Pod
	if selector.Empty() {
		out = make([]*Pod, 0, size(all))
	}
	for _, ns := range all {
		out = ns.appendTo(out, selector)
	}
	return out
}

// chosen are the namespaces to look into, in order. The caller holds mu.
func (p *Pods) chosen(name string) []*namespace {
	if name == metav1.NamespaceAll {
		return slices.SortedFunc(maps.Values(p.namespaces), func(a, b *namespace) int { return cmp.Compare(a.name, b.name) })
	}
	if ns := p.namespaces[name]; ns != nil {
		return []*namespace{ns}
	}
	return nil
}

func size(all []*namespace) (n int) {
	for _, ns := range all {
		n += len(ns.pods)
	}
	return n
}

// Running is true where a pod that should have numbers is bound to the node.
func (p *Pods) Running(node string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.running[node] > 0
}

// put takes a pod in, in place of the one of that name. What is told again of the same pod keeps its answer. The caller holds mu.
func (p *Pods) put(pod *Pod) {
	ns := p.namespaces[pod.Namespace]
	if ns == nil {
		ns = newNamespace(strings.Clone(pod.Namespace))
		p.namespaces[ns.name] = ns
	}
	if e := ns.pods[pod.Name]; e != nil {
		if e.pod.UID == pod.UID {
			pod.Answer = e.pod.Answer
		}
		p.count(e.pod, -1)
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
		p.count(e.pod, -1)
		ns.remove(e)
	}
	if len(ns.pods) == 0 {
		delete(p.namespaces, namespace)
	}
}

// count keeps running right. Pods that do not run are left out: it tells what should be seen on a node.
func (p *Pods) count(pod *Pod, by int) {
	if pod.Phase != corev1.PodRunning || len(pod.Expected) == len(pod.Idle) {
		return
	}
	p.running[pod.Node] += by
	if p.running[pod.Node] == 0 {
		delete(p.running, pod.Node)
	}
}

// replace takes in pods and drops all others.
func (p *Pods) replace(all []*Pod) {
	p.mu.Lock()
	defer p.mu.Unlock()
	stays := make(map[*entry]bool, len(all))
	for _, pod := range all {
		p.put(pod)
		stays[p.namespaces[pod.Namespace].pods[pod.Name]] = true
	}
	for _, ns := range p.namespaces {
		for name, e := range ns.pods {
			if !stays[e] {
				p.remove(ns.name, name)
			}
		}
	}
}
