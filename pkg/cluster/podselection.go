package cluster

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// List returns the pods of a namespace, or of all where it is empty, that a selector matches, in the order of namespace and name. The
// slice is the caller's. It costs what it returns where the selector requires a value of a label. No lock is held while the selector
// is evaluated. A pod whose labels were left out is matched by no selector but the empty one. The error is that of ctx, which ends the list.
func (p *Pods) List(ctx context.Context, namespace string, selector labels.Selector) ([]*Pod, error) {
	requirements, selectable := selector.Requirements()
	if !selectable {
		return nil, nil
	}
	s := &podSelection{ctx: ctx, selector: selector, requirements: requirements, all: selector.Empty()}
	for _, ns := range p.chosen(namespace) {
		if err := s.add(p, ns); err != nil {
			return nil, fmt.Errorf("list the pods: %w", err)
		}
	}
	return s.pods, nil
}

// All are the pods in the order of namespace and name.
func (p *Pods) All() iter.Seq[*Pod] {
	all, _ := p.List(context.Background(), metav1.NamespaceAll, labels.Everything()) // This context has no end.
	return slices.Values(all)
}

// chosen are the namespaces to list, in order.
func (p *Pods) chosen(name string) sorted[*namespace] {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if name == metav1.NamespaceAll {
		return p.ordered
	}
	if ns := p.namespaces[name]; ns != nil {
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
	all  bool
	pods []*Pod
}

// add selects among the pods of one namespace.
func (s *podSelection) add(p *Pods, ns *namespace) error {
	p.mu.RLock()
	candidates, few := ns.candidates(s.requirements)
	then := ns.order
	p.mu.RUnlock()
	if few {
		from := len(s.pods)
		err := s.match(candidates)
		slices.SortFunc(s.pods[from:], func(a, b *Pod) int { return cmp.Compare(a.Name, b.Name) })
		return err
	}
	merged := then.merged()
	if len(then.added) > 0 {
		p.mu.Lock()
		ns.order.adopt(then, merged)
		p.mu.Unlock()
	}
	return s.match(merged)
}

// matchedAtOnce is for how many candidates a list goes on when its context is done.
const matchedAtOnce = 64

// match appends the candidates that the selector matches.
func (s *podSelection) match(candidates []*entry) error {
	if s.all {
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
		}
	}
	return nil
}

func (s *podSelection) matches(pod *Pod) bool {
	return s.all || !pod.Labels.LeftOut() && s.selector.Matches(&pod.Labels)
}
