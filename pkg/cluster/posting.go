package cluster

import (
	"hash/maphash"
	"math/bits"
	"slices"
)

// posting is a set of pods, in no order. To add one and to remove one costs the same however many there are. The zero value is empty.
type posting struct {
	// one is the only pod of the set; nil where there are none or several.
	one *entry
	// many are all of them where there are several; nil otherwise.
	many *buckets
}

// fullBucket is how many pods a bucket holds, on average at most.
const fullBucket = 256

// buckets are a hash table that grows by one bucket at a time (linear hashing): no addition waits for all to be moved.
type buckets struct {
	seed maphash.Seed
	all  [][]*entry
	n    int
}

func (p posting) len() int {
	switch {
	case p.many != nil:
		return p.many.n
	case p.one != nil:
		return 1
	default:
		return 0
	}
}

// add puts in a pod that is not in the set.
func (p *posting) add(e *entry, seed maphash.Seed) {
	switch {
	case p.many != nil:
		p.many.add(e)
	case p.one != nil:
		p.many = &buckets{seed: seed, all: [][]*entry{{p.one, e}}, n: 2}
		p.one = nil
	default:
		p.one = e
	}
}

// remove takes out a pod, and changes nothing where it is not in the set.
func (p *posting) remove(e *entry) {
	switch {
	case p.many != nil:
		if p.many.remove(e); p.many.n == 1 {
			p.one, p.many = p.many.all[0][0], nil
		}
	case p.one == e:
		p.one = nil
	}
}

// appendTo appends all pods of the set.
func (p posting) appendTo(out []*entry) []*entry {
	switch {
	case p.many != nil:
		for _, bucket := range p.many.all {
			out = append(out, bucket...)
		}
	case p.one != nil:
		out = append(out, p.one)
	}
	return out
}

// without removes e from a set whose order does not matter.
func without(all []*entry, e *entry) ([]*entry, bool) {
	i := slices.Index(all, e)
	if i < 0 {
		return all, false
	}
	last := len(all) - 1
	all[i], all[last] = all[last], nil
	return all[:last], true
}

// at is the index of a pod's bucket. The seed is secret: an author of pods cannot choose names that share a bucket.
func (b *buckets) at(e *entry) int {
	hash := maphash.String(b.seed, e.pod.Load().Name)
	mask := uint64(1)<<bits.Len(uint(len(b.all)-1)) - 1
	if i := hash & mask; i < uint64(len(b.all)) {
		return int(i)
	}
	return int(hash & (mask >> 1))
}

func (b *buckets) add(e *entry) {
	i := b.at(e)
	b.all[i] = append(b.all[i], e)
	if b.n++; b.n > fullBucket*len(b.all) {
		b.split()
	}
}

func (b *buckets) remove(e *entry) {
	i := b.at(e)
	rest, found := without(b.all[i], e)
	if !found {
		return
	}
	b.all[i] = rest
	if b.n--; len(b.all) > 1 && b.n < fullBucket/4*len(b.all) {
		b.merge()
	}
}

// sibling is the index of the bucket that a new last bucket is split from.
func sibling(last int) int { return last &^ (1 << (bits.Len(uint(last)) - 1)) }

// split adds a bucket, and moves into it what belongs there.
func (b *buckets) split() {
	from := sibling(len(b.all))
	before := b.all[from]
	b.all = append(b.all, nil)
	b.all[from] = nil
	for _, e := range before {
		i := b.at(e)
		b.all[i] = append(b.all[i], e)
	}
}

// merge undoes the last split.
func (b *buckets) merge() {
	last := len(b.all) - 1
	moved := b.all[last]
	b.all[last] = nil
	b.all = b.all[:last]
	into := sibling(last)
	b.all[into] = append(b.all[into], moved...)
}
