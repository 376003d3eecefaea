package source

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

func (s *spec) effectiveSelector(def Defaults) labels.Selector {
	switch {
	case s.nodeSelector != nil:
		return s.nodeSelector
	case def.NodeSelector != nil:
		return def.NodeSelector
	}
	return labels.Everything()
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
	own, others := requirements(s.effectiveSelector(def)), requirements(earlier.effectiveSelector(def))
	switch {
	case !contains(own, others):
		return false
	case contains(others, own):
		s.errorf(" is never used: source %v before it selects the same nodes; leave out one, or give each its own nodeSelector", earlier)
	case len(others) == 0:
		s.errorf(" is never used: source %v before it selects every node; put it before that one, or give that one a nodeSelector", earlier)
	default:
		s.errorf(" is never used: source %v before it selects all its nodes; put it before that one, or make that one's nodeSelector narrower", earlier)
	}
	return true
}

func contains(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// requirements returns the requirements of a selector in a canonical form, so that equal ones can be compared as texts.
func requirements(s labels.Selector) []string {
	requirements, _ := s.Requirements()
	texts := make([]string, 0, len(requirements))
	for _, r := range requirements {
		texts = append(texts, canonical(r))
	}
	return texts
}

func canonical(r labels.Requirement) string {
	operator := r.Operator()
	switch operator {
	case selection.Equals, selection.DoubleEquals:
		operator = selection.In
	case selection.NotEquals:
		operator = selection.NotIn
	}
	return r.Key() + " " + string(operator) + " " + list(slices.Sorted(slices.Values(r.ValuesUnsorted())))
}
