package source

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/sets"
)

func (s *spec) effectiveSelector(def Defaults) labels.Selector {
	if s.nodeSelector == nil {
		return def.NodeSelector
	}
	return s.nodeSelector
}

// checkShadowed rejects sources that never get a node, because an earlier source of their cluster selects every node that they select.
func checkShadowed(specs []*spec, def Defaults) {
	for i, s := range specs {
		for _, earlier := range specs[:i] {
			if s.isShadowedBy(earlier, def) {
				break
			}
		}
	}
}

// isShadowedBy is true where the earlier source selects every node of this one. It adds the error.
func (s *spec) isShadowedBy(earlier *spec, def Defaults) bool {
	if s.unparsed[cluster] || s.unparsed[nodes] || earlier.unparsed[cluster] || earlier.unparsed[nodes] || s.cluster != earlier.cluster {
		return false
	}
	if earlier.kind != Prometheus && s.kind == Prometheus {
		return false // Its nodes are read from the engine while their kubelets cannot be scraped.
	}
	own, others := requirements(s.effectiveSelector(def)), requirements(earlier.effectiveSelector(def))
	switch {
	case !own.IsSuperset(others):
		return false
	case others.IsSuperset(own):
		s.Errorf(" is never used: source %v before it selects the same nodes; leave out one, or give each its own nodeSelector", earlier)
	case len(others) == 0:
		s.Errorf(" is never used: source %v before it selects every node; put it before that one, or give that one a nodeSelector", earlier)
	default:
		s.Errorf(" is never used: source %v before it selects all its nodes; put it before that one, or make that one's nodeSelector narrower", earlier)
	}
	return true
}

// requirements returns the requirements of a selector in a canonical form, so that equal ones can be compared as texts.
func requirements(s labels.Selector) sets.Set[string] {
	requirements, _ := s.Requirements()
	texts := sets.New[string]()
	for _, r := range requirements {
		operator := r.Operator()
		switch operator {
		case selection.Equals, selection.DoubleEquals:
			operator = selection.In
		case selection.NotEquals:
			operator = selection.NotIn
		}
		texts.Insert(r.Key() + " " + string(operator) + " " + list(slices.Sorted(slices.Values(r.ValuesUnsorted()))))
	}
	return texts
}
