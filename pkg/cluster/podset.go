package cluster

import (
	"maps"
	"slices"
)

// podSet is a set of pods, in no order. A pod is added or removed in constant time: readers wait meanwhile. Many sets of a label have one pod, and need no
// memory of their own. The zero value is empty.
type podSet struct {
	// one is the only pod of the set, and several are all pods of a set that has or had several; at most one of them is not nil.
	one     *entry
	several map[*entry]struct{}
}

func (s podSet) len() int {
	if s.one != nil {
		return 1
	}
	return len(s.several)
}

// change adds a pod that is not in the set, or removes one, which changes nothing where it is not in the set.
func (s *podSet) change(e *entry, add bool) {
	switch {
	case s.several != nil && add:
		s.several[e] = struct{}{}
	case s.several != nil:
		delete(s.several, e)
	case s.one == nil && add:
		s.one = e
	case add:
		s.one, s.several = nil, map[*entry]struct{}{s.one: {}, e: {}}
	case s.one == e:
		s.one = nil
	}
}

// appendTo appends all pods of the set.
func (s podSet) appendTo(out []*entry) []*entry {
	if s.one != nil {
		return append(out, s.one)
	}
	return slices.AppendSeq(out, maps.Keys(s.several))
}
