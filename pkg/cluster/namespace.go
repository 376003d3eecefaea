package cluster

import (
	"hash/maphash"
	"slices"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// namespace holds the pods of one namespace. It is guarded by the mu of its Pods.
type namespace struct {
	name string
	seed maphash.Seed
	pods map[string]*entry
	// labelled are the pods that have a label.
	labelled map[label]posting
	// unindexed are the pods with too many labels for the index: each of them may have any label.
	unindexed posting
	order     order
	// names are those of the containers of the pod that came last.
	names []string
}

// entry is the slot of one pod, which stays while the pod's object changes. Its readers need no lock. Once the pod is gone, the entry
// has a pod with the name and nothing else.
type entry struct{ pod atomic.Pointer[Pod] }

// present returns the pod; false once it is gone.
func (e *entry) present() (*Pod, bool) {
	pod := e.pod.Load()
	return pod, pod.Namespace != ""
}

type label struct{ key, value string }

// maxIndexed bounds the labels of a pod in the index: so many are what a change of one pod costs while readers wait.
const maxIndexed = 64

func newNamespace(name string, seed maphash.Seed) *namespace {
	return &namespace{name: name, seed: seed, pods: map[string]*entry{}, labelled: map[label]posting{}}
}

func (n *namespace) put(pod *Pod) {
	e := n.pods[pod.Name]
	if e == nil {
		e = &entry{}
		e.pod.Store(pod)
		n.pods[pod.Name] = e
		n.order.add(e)
		n.shareNames(pod)
		n.index(e)
		return
	}
	before := e.pod.Load()
	if slices.Equal(pod.Expected, before.Expected) {
		pod.Expected = before.Expected
	}
	if before.Labels == pod.Labels {
		e.pod.Store(pod)
		return
	}
	n.unindex(e)
	e.pod.Store(pod)
	n.index(e)
}

func (n *namespace) remove(e *entry) {
	n.unindex(e)
	name := e.pod.Load().Name
	delete(n.pods, name)
	e.pod.Store(&Pod{Name: name})
	n.order.remove()
}

// shareNames has a new pod share the names of its containers with the one that came before it: pods come in the order of their names
// at first, so that it is often of the same workload.
func (n *namespace) shareNames(pod *Pod) {
	if slices.Equal(pod.Expected, n.names) {
		pod.Expected = n.names
	} else {
		n.names = pod.Expected
	}
}

func (n *namespace) index(e *entry) {
	pod := e.pod.Load()
	if pod.Labels.Len() > maxIndexed {
		n.unindexed.add(e, n.seed)
		return
	}
	for key, value := range pod.Labels.All() {
		at := label{key, value}
		those := n.labelled[at]
		those.add(e, n.seed)
		n.labelled[at] = those
	}
}

func (n *namespace) unindex(e *entry) {
	pod := e.pod.Load()
	if pod.Labels.Len() > maxIndexed {
		n.unindexed.remove(e)
		return
	}
	for key, value := range pod.Labels.All() {
		at := label{key, value}
		those := n.labelled[at]
		if those.remove(e); those.len() == 0 {
			delete(n.labelled, at)
		} else {
			n.labelled[at] = those
		}
	}
}

// candidates are pods among which are all that the selector matches: those that meet the one of its requirements that the fewest meet. It
// returns false where no requirement asks for values. The slice is the caller's.
func (n *namespace) candidates(requirements labels.Requirements) (all []*entry, ok bool) {
	var best labels.Requirement
	fewest := 0
	for _, r := range requirements {
		if !asksForValues(r.Operator()) {
			continue
		}
		if size := n.having(r); !ok || size < fewest {
			best, fewest, ok = r, size, true
		}
	}
	if !ok {
		return nil, false
	}
	all = make([]*entry, 0, fewest+n.unindexed.len())
	for _, value := range best.ValuesUnsorted() {
		all = n.labelled[label{best.Key(), value}].appendTo(all)
	}
	return n.unindexed.appendTo(all), true
}

func asksForValues(o selection.Operator) bool {
	return o == selection.Equals || o == selection.DoubleEquals || o == selection.In
}

// having is how many pods have one of the values that a requirement asks for. A pod has one value at most, so none counts twice.
func (n *namespace) having(r labels.Requirement) (size int) {
	for _, value := range r.ValuesUnsorted() {
		size += n.labelled[label{r.Key(), value}].len()
	}
	return size
}
