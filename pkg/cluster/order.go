package cluster

import (
	"cmp"
	"slices"
)

// order is the pods of a namespace in the order of their names. Pods that were added are sorted when a reader needs them, in a
// copy of its own: nothing is sorted, and nothing is copied, under a lock.
type order struct {
	// sorted are pods in order. It is replaced and never changed. Readers leave out those that are gone.
	sorted []*entry
	// added are the pods that came since, in no order. It is appended to and otherwise never changed.
	added []*entry
	// gone is how many of both are gone.
	gone int
	// version counts what happened other than additions.
	version int
}

const (
	// fewGone is up to how many pods that are gone are left where they are, and goneShare up to which part of those that are there.
	fewGone   = 64
	goneShare = 8
)

func (o *order) add(e *entry) { o.added = append(o.added, e) }

// remove counts a pod that is gone. Each time that they are many they are taken out, which costs each of them a constant.
func (o *order) remove() {
	o.gone++
	if live := len(o.sorted) + len(o.added) - o.gone; o.gone > live/goneShare+fewGone {
		o.sorted, o.added = present(o.sorted), present(o.added)
		o.gone = 0
		o.version++
	}
}

// present are the entries that are not gone, in a slice of their own.
func present(all []*entry) []*entry {
	out := make([]*entry, 0, len(all))
	for _, e := range all {
		if _, ok := e.present(); ok {
			out = append(out, e)
		}
	}
	return out
}

// merged are all pods in order, in a slice that is never changed. It takes no lock: o is a copy of what it was at some moment.
func (o order) merged() []*entry {
	if len(o.added) == 0 {
		return o.sorted
	}
	added := present(o.added)
	slices.SortFunc(added, byName)
	return mergeByName(present(o.sorted), added)
}

func byName(a, b *entry) int { return cmp.Compare(a.pod.Load().Name, b.pod.Load().Name) }

func mergeByName(a, b []*entry) []*entry {
	out := make([]*entry, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if byName(a[0], b[0]) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// adopt takes over what a reader merged out of o as it was then, if nothing but additions happened since.
func (o *order) adopt(then order, merged []*entry) {
	if o.version != then.version {
		return
	}
	o.gone -= len(then.sorted) + len(then.added) - len(merged)
	o.sorted, o.added = merged, slices.Clone(o.added[len(then.added):])
	o.version++
}
