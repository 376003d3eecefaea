package source

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
)

func (d *draft) selector(def Defaults) labels.Selector {
	switch {
	case d.nodeSelector != nil:
		return d.nodeSelector
	case def.NodeSelector != nil:
		return def.NodeSelector
	}
	return labels.Everything()
}

// checkReached finds sources that no node is left for, because an earlier one of their cluster takes all that they select.
func checkReached(drafts []*draft, def Defaults) {
	for i, d := range drafts {
		for _, earlier := range drafts[:i] {
			if d.leavesNothingTo(earlier, def) {
				break
			}
		}
	}
}

// leavesNothingTo tells whether the earlier source takes every node of the draft, and notes the mistake.
func (d *draft) leavesNothingTo(earlier *draft, def Defaults) bool {
	if d.unclear[cluster] || d.unclear[nodes] || earlier.unclear[cluster] || earlier.unclear[nodes] || d.cluster != earlier.cluster {
		return false
	}
	mine, theirs := demands(d.selector(def)), demands(earlier.selector(def))
	switch {
	case !contains(mine, theirs):
		return false
	case contains(theirs, mine):
		d.wrong(" is never used: source %v before it selects the same nodes; leave out one, or give each its own nodeSelector", earlier)
	case len(theirs) == 0:
		d.wrong(" is never used: source %v before it takes every node; put it before that one, or give that one a nodeSelector", earlier)
	default:
		d.wrong(" is never used: source %v before it takes all its nodes; put it before that one, or make that one's nodeSelector narrower", earlier)
	}
	return true
}

func contains(all, some []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// demands are what a selector asks of a node's labels, each written in one way only.
func demands(s labels.Selector) []string {
	requirements, _ := s.Requirements()
	texts := make([]string, 0, len(requirements))
	for _, r := range requirements {
		texts = append(texts, demand(r))
	}
	return texts
}

func demand(r labels.Requirement) string {
	operator := r.Operator()
	switch operator {
	case selection.Equals, selection.DoubleEquals:
		operator = selection.In
	case selection.NotEquals:
		operator = selection.NotIn
	}
	return r.Key() + " " + string(operator) + " " + list(slices.Sorted(slices.Values(r.ValuesUnsorted())))
}
