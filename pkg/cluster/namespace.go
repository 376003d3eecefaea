package cluster

import (
	"cmp"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

// namespace holds the pods of one namespace. It is guarded by the mu of its Pods.
type namespace struct {
	name string
	pods map[string]*entry
	// labelled are the pods that have a label, in no order.
	labelled map[label][]*entry
	// order guards sorted, which readers make when they need it: all pods in the order of their names; nil after a change.
	order  sync.Mutex
	sorted []*entry
}

// entry is the place of one pod, which stays while what is told of the pod changes.
type entry struct{ pod *Pod }

type label struct{ key, value string }

func newNamespace(name string) *namespace {
	return &namespace{name: name, pods: map[string]*entry{}, labelled: map[label][]*entry{}}
}

func (n *namespace) put(pod *Pod) {
	e := n.pods[pod.Name]
	switch {
	case e == nil:
		e = &entry{pod}
		n.pods[pod.Name] = e
		n.sorted = nil
		n.index(e)
	case e.pod.Labels == pod.Labels:
		e.pod = pod
	default:
		n.unindex(e)
		e.pod = pod
		n.index(e)
	}
}

func (n *namespace) remove(e *entry) {
	n.unindex(e)
	delete(n.pods, e.pod.Name)
	n.sorted = nil
}

func (n *namespace) index(e *entry) {
	for key, value := range e.pod.Labels.All() {
		at := label{key, value}
		n.labelled[at] = append(n.labelled[at], e)
	}
}

func (n *namespace) unindex(e *entry) {
	for key, value := range e.pod.Labels.All() {
		at := label{key, value}
		all := n.labelled[at]
		if i := slices.Index(all, e); i >= 0 {
			all[i] = all[len(all)-1]
			all[len(all)-1] = nil
			all = all[:len(all)-1]
		}
		if n.labelled[at] = all; len(all) == 0 {
			delete(n.labelled, at)
		}
	}
}

// appendTo appends the pods that the selector takes, in the order of their names.
func (n *namespace) appendTo(out []*Pod, selector labels.Selector) []*Pod {
	candidates, few := n.candidates(selector)
	if !few {
		candidates = n.inOrder()
	}
	from := len(out)
	for _, e := range candidates {
		if selector.Matches(e.pod.Labels) {
			out = append(out, e.pod)
		}
	}
	if few {
		slices.SortFunc(out[from:], func(a, b *Pod) int { return cmp.Compare(a.Name, b.Name) })
	}
	return out
}

// candidates are the pods that meet the one of the selector's requirements that the fewest meet; false where none of them asks for
// values.
func (n *namespace) candidates(selector labels.Selector) (fewest []*entry, ok bool) {
	requirements, selectable := selector.Requirements()
	if !selectable {
		return nil, true
	}
	for _, r := range requirements {
		if !asksForValues(r.Operator()) {
			continue
		}
		if all := n.having(r); !ok || len(all) < len(fewest) {
			fewest, ok = all, true
		}
	}
	return fewest, ok
}

func asksForValues(o selection.Operator) bool {
	return o == selection.Equals || o == selection.DoubleEquals || o == selection.In
}

// having are the pods that have one of the values that a requirement asks for. A pod has one value at most, so none comes twice.
func (n *namespace) having(r labels.Requirement) (all []*entry) {
	for i, value := range r.ValuesUnsorted() {
		if those := n.labelled[label{r.Key(), value}]; i == 0 {
			all = slices.Clip(those)
		} else {
			all = append(all, those...)
		}
	}
	return all
}

// inOrder are all pods in the order of their names.
func (n *namespace) inOrder() []*entry {
	n.order.Lock()
	defer n.order.Unlock()
	if n.sorted == nil {
		n.sorted = make([]*entry, 0, len(n.pods))
		for _, e := range n.pods {
			n.sorted = append(n.sorted, e)
		}
		slices.SortFunc(n.sorted, func(a, b *entry) int { return cmp.Compare(a.pod.Name, b.pod.Name) })
	}
	return n.sorted
}
