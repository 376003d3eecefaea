package cluster

import (
	"slices"
	"strings"
)

// sorted are objects in the order of their names. Readers may keep the slice and read it without a lock: its elements are never changed.
type sorted[T strippedObject] []T

func (s sorted[T]) search(name string) (at int, found bool) {
	return slices.BinarySearchFunc(s, name, func(o T, name string) int { return strings.Compare(o.objectName().Name, name) })
}

// put adds an object, or replaces the one of its name. One that comes last is appended, behind what readers of the slice can see.
func (s *sorted[T]) put(object T) {
	switch at, found := s.search(object.objectName().Name); {
	case found:
		*s = slices.Concat((*s)[:at], []T{object}, (*s)[at+1:])
	case at == len(*s):
		*s = append(*s, object)
	default:
		*s = slices.Concat((*s)[:at], []T{object}, (*s)[at:])
	}
}

func (s *sorted[T]) remove(name string) {
	if at, found := s.search(name); found {
		*s = slices.Concat((*s)[:at], (*s)[at+1:])
	}
}
