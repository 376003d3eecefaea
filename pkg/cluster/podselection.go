package cluster

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

// List returns the pods of a namespace, or of all where it is empty, that a selector matches, in the order of namespace and name: those from a name
// on, the zero value of which is before all, and as many as are wanted at the most, or all for 0. The slice is the caller's. It costs what it
// returns, or as much as there are pods with a value of a label that the selector requires. No lock is held while the selector is evaluated. A pod whose labels were
// left out is matched by no selector but the empty one. The error is that of ctx, which ends the list.
func (p *Pods) List(ctx context.Context, namespace string, selector labels.Selector, from cache.ObjectName, most int) ([]*Pod, error) {
	requirements, selectable := selector.Requirements()
	if !selectable {
		return nil, nil
	}
	s := &podSelection{ctx: ctx, selector: selector, requirements: requirements, all: selector.Empty(), from: from, most: most}
	for _, ns := range p.chosen(namespace, from.Namespace) {
		if s.isFull() {
			break
		}
		if err := s.add(p, ns); err != nil {
			return nil, fmt.Errorf("list the pods: %w", err)
		}
	}
	return s.pods, nil
}

// All are the pods in the order of namespace and name.
func (p *Pods) All() iter.Seq[*Pod] {
	all, _ := p.List(context.Background(), metav1.NamespaceAll, labels.Everything(), cache.ObjectName{}, 0) // This context has no end.
	return slices.Values(all)
}

// chosen are the namespaces to list, in order, from one on.
func (p *Pods) chosen(name, from string) sorted[*namespace] {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if name == metav1.NamespaceAll {
		at, _ := p.ordered.search(from)
		return p.ordered[at:]
	}
	if ns := p.namespaces[name]; ns != nil && name >= from {
		return sorted[*namespace]{ns}
	}
	return nil
}

// podSelection is what one list has selected so far.
type podSelection struct {
	ctx          context.Context
	selector     labels.Selector
	requirements labels.Requirements
	// all is true where the selector matches everything.
	all bool
	// from is the first name that is wanted, and most how many pods are; 0 for all.
	from cache.ObjectName
	most int
	pods []*Pod
}

func (s *podSelection) isFull() bool { return s.most > 0 && len(s.pods) >= s.most }

// add selects among the pods of one namespace.
func (s *podSelection) add(p *Pods, ns *namespace) error {
	p.mu.RLock()
	candidates, few := ns.candidates(s.requirements, s.most)
	then := ns.order
	p.mu.RUnlock()
	first := ""
	if ns.name == s.from.Namespace {
		first = s.from.Name
	}
	if few {
		return s.matchUnsorted(candidates, first)
	}
	merged := then.merged()
	if len(then.added) > 0 {
		p.mu.Lock()
		ns.order.adopt(then, merged)
		p.mu.Unlock()
	}
	at, _ := slices.BinarySearchFunc(merged, first, func(e *entry, name string) int { return cmp.Compare(e.pod.Load().Name, name) })
	return s.match(merged[at:], s.most)
}

// matchUnsorted appends the candidates that the selector matches, from a name on. The candidates are the caller's, and in no order.
func (s *podSelection) matchUnsorted(candidates []*entry, first string) error {
	if first != "" {
		candidates = slices.DeleteFunc(candidates, func(e *entry) bool { return e.pod.Load().Name < first })
	}
	from := len(s.pods)
	err := s.match(candidates, 0)
	slices.SortFunc(s.pods[from:], func(a, b *Pod) int { return cmp.Compare(a.Name, b.Name) })
	if s.isFull() {
		s.pods = s.pods[:s.most]
	}
	return err
}

// matchedAtOnce is for how many candidates a list goes on when its context is done.
const matchedAtOnce = 64

// match appends the candidates that the selector matches, until there are as many pods as are wanted at the most; 0 wants all.
func (s *podSelection) match(candidates []*entry, most int) error {
	if s.all && most > 0 {
		s.pods = slices.Grow(s.pods, min(len(candidates), most-len(s.pods)))
	} else if s.all {
		s.pods = slices.Grow(s.pods, len(candidates))
	}
	for i, e := range candidates {
		if i%matchedAtOnce == 0 {
			if err := context.Cause(s.ctx); err != nil {
				return err
			}
		}
		if pod, ok := e.present(); ok && s.matches(pod) {
			s.pods = append(s.pods, pod)
			if len(s.pods) == most {
				return nil
			}
		}
	}
	return nil
}

func (s *podSelection) matches(pod *Pod) bool {
	return s.all || !pod.Labels.LeftOut() && s.selector.Matches(&pod.Labels)
}
