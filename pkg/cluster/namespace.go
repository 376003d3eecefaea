package cluster

import (
	"slices"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/client-go/tools/cache"
)

// namespace holds the pods of one namespace. It is guarded by the mu of its Pods.
type namespace struct {
	name string
	pods map[string]*entry
	// labelled are the pods that have a label.
	labelled map[label]podSet
	// unindexed are the pods with too many labels for the index: each of them may have any label.
	unindexed podSet
	order     order
	// names are those of the containers of the pod that came last.
	names []string
}

// entry has one pod, and stays while the pod's object changes. Its readers need no lock. Once the pod is gone, the entry has a pod with the
// name and nothing else.
type entry struct{ pod atomic.Pointer[Pod] }

// present returns the pod; false once it is gone.
func (e *entry) present() (*Pod, bool) {
	pod := e.pod.Load()
	return pod, pod.Namespace != ""
}

type label struct{ key, value string }

// maxIndexed bounds the labels of a pod in the index: so many are what a change of one pod costs while readers wait.
const maxIndexed = 64

func newNamespace(name string) *namespace {
	return &namespace{name: name, pods: map[string]*entry{}, labelled: map[label]podSet{}}
}

func (n *namespace) objectName() cache.ObjectName { return cache.ObjectName{Name: n.name} }

func (n *namespace) put(pod *Pod) {
	e := n.pods[pod.Name]
	if e == nil {
		e = &entry{}
		e.pod.Store(pod)
		n.pods[pod.Name] = e
		n.order.add(e)
		n.shareNames(pod)
		n.index(e, true)
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
	n.index(e, false)
	e.pod.Store(pod)
	n.index(e, true)
}

func (n *namespace) remove(e *entry) {
	n.index(e, false)
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

// index adds a pod to the sets of its labels, or removes it from them.
func (n *namespace) index(e *entry, add bool) {
	pod := e.pod.Load()
	if pod.Labels.Len() > maxIndexed {
		n.unindexed.change(e, add)
		return
	}
	for key, value := range pod.Labels.All() {
		set := n.labelled[label{key, value}]
		if set.change(e, add); set.len() == 0 {
			delete(n.labelled, label{key, value})
		} else {
			n.labelled[label{key, value}] = set
		}
	}
}

// candidates are pods among which are all that the selector matches: those that meet the one of its requirements that the fewest meet. It
// returns false where no requirement is for values, and where it costs less to go through all pods in their order than to sort these. At most so
// many pods are wanted, or all for 0. The slice is the caller's.
func (n *namespace) candidates(requirements labels.Requirements, most int) (all []*entry, ok bool) {
	var best labels.Requirement
	fewest := 0
	for _, r := range requirements {
		switch r.Operator() {
		case selection.Equals, selection.DoubleEquals, selection.In:
			if size := n.having(r); !ok || size < fewest {
				best, fewest, ok = r, size, true
			}
		}
	}
	if !ok || n.prefersOrder(fewest, most) {
		return nil, false
	}
	all = make([]*entry, 0, fewest+n.unindexed.len())
	for _, value := range best.ValuesUnsorted() {
		all = n.labelled[label{best.Key(), value}].appendTo(all)
	}
	return n.unindexed.appendTo(all), true
}

// sortedShare is the part of a namespace's pods up to which it costs less to sort them than to go through all that are in order.
const sortedShare = 4

// prefersOrder is true where so many candidates are a large part of the pods, or of what a walk in pages goes through: to sort them for each page
// costs as the square of their number.
func (n *namespace) prefersOrder(candidates, most int) bool {
	return candidates > len(n.pods)/sortedShare+sortedShare || most > 0 && candidates*candidates > most*len(n.pods)
}

// having is how many pods have one of the values of a requirement. A pod has one value at most, so none counts twice.
func (n *namespace) having(r labels.Requirement) (size int) {
	for _, value := range r.ValuesUnsorted() {
		size += n.labelled[label{r.Key(), value}].len()
	}
	return size
}
