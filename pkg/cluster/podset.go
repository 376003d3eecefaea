package cluster

import (
	"hash/maphash"
	"slices"
)

// podSet is a set of pods, in no order. Most sets of a label have one pod, and need no memory of their own. The zero value is empty.
type podSet struct {
	// one is the only pod of the set, and several are all pods of a set that has or had several; at most one of them is not nil.
	one     *entry
	several *buckets
}

// buckets are all pods of a set: in one bucket while they are few, and in manyBuckets otherwise. To remove a pod its bucket is searched.
type buckets struct {
	all [][]*entry
	n   int
	// seed is secret: an author of pods cannot choose pods that share a bucket.
	seed maphash.Seed
}

const (
	// fewPods is how many pods one bucket may have while it is the only one.
	fewPods     = 4096
	manyBuckets = 256
)

func (s podSet) len() int {
	switch {
	case s.several != nil:
		return s.several.n
	case s.one != nil:
		return 1
	default:
		return 0
	}
}

// change adds a pod that is not in the set, or removes one, which changes nothing where it is not in the set.
func (s *podSet) change(e *entry, add bool) {
	switch {
	case s.several != nil && add:
		s.several.add(e)
	case s.several != nil:
		s.several.remove(e)
	case s.one == nil && add:
		s.one = e
	case add:
		s.one, s.several = nil, &buckets{all: [][]*entry{{s.one, e}}, n: 2, seed: maphash.MakeSeed()}
	case s.one == e:
		s.one = nil
	}
}

// appendTo appends all pods of the set.
func (s podSet) appendTo(out []*entry) []*entry {
	if s.one != nil {
		return append(out, s.one)
	}
	if s.several != nil {
		for _, bucket := range s.several.all {
			out = append(out, bucket...)
		}
	}
	return out
}

func (b *buckets) of(e *entry) *[]*entry {
	if len(b.all) == 1 {
		return &b.all[0]
	}
	return &b.all[maphash.Comparable(b.seed, e)%manyBuckets]
}

func (b *buckets) add(e *entry) {
	if b.n >= fewPods && len(b.all) == 1 {
		few := b.all[0]
		b.all = make([][]*entry, manyBuckets)
		for _, other := range few {
			*b.of(other) = append(*b.of(other), other)
		}
	}
	*b.of(e) = append(*b.of(e), e)
	b.n++
}

func (b *buckets) remove(e *entry) {
	bucket := b.of(e)
	if i := slices.Index(*bucket, e); i >= 0 {
		*bucket = slices.Delete(*bucket, i, i+1)
		b.n--
	}
}
