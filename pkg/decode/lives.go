package decode

import (
	"cmp"
	"slices"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// compareLives orders two lives of one container (or two reports of one node): the one that started later is greater, and
// between those that started together, or whose start is unknown, the one whose CPU was read later.
func compareLives(a, b sample.Usage) int {
	return cmp.Or(
		cmp.Compare(a.Start, b.Start),
		cmp.Compare(a.CPU.Time, b.CPU.Time),
		cmp.Compare(a.CPU.Value, b.CPU.Value),
		cmp.Compare(a.Memory.Time, b.Memory.Time),
		cmp.Compare(a.Memory.Value, b.Memory.Value),
		slices.CompareFunc(a.Extra, b.Extra, compareExtras),
		cmp.Compare(a.Rate.Value, b.Rate.Value),
	)
}

func compareExtras(a, b sample.Extra) int {
	return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Value, b.Value))
}

// known is how many readings a life has.
func known(u sample.Usage) uint32 {
	n := len(u.Extra)
	for _, r := range [...]sample.Reading{u.CPU, u.Memory, u.Rate} {
		if r.Known {
			n++
		}
	}
	return uint32(n)
}

// seriesSet is what the text format said of one container or node: of each kind, the readings in the order of the body.
// A reading that was rejected keeps its place, not Known. More than one of a kind means that two instances of a pod share
// a name, and nothing in a series says which of them it belongs to.
type seriesSet [kinds][]sample.Reading

// newestLife picks one life out of the set. The series of different kinds belong together by their order, where there are
// equally many of them; a kind that has fewer cannot be told apart, and is left out of every life.
func (s *seriesSet) newestLife(rejected *sample.Rejections) sample.Usage {
	if s.onlyRepeats() {
		return s.firstOfEach(rejected)
	}
	var room [1 + maxRepeats]sample.Usage
	lives := room[:s.most()]
	for k, readings := range s {
		if len(readings) != len(lives) {
			countUnpaired(kind(k), readings, rejected)
			continue
		}
		for i, r := range readings {
			set(&lives[i], kind(k), r)
		}
	}
	newest := slices.MaxFunc(lives, compareLives)
	for _, life := range lives {
		rejected[sample.OlderLife] += known(life)
	}
	rejected[sample.OlderLife] -= known(newest)
	return newest
}

// onlyRepeats says whether the readings of each kind are all the same, which is no sign of a second life.
func (s *seriesSet) onlyRepeats() bool {
	for _, readings := range s {
		for _, r := range readings {
			if r != readings[0] {
				return false
			}
		}
	}
	return true
}

func (s *seriesSet) firstOfEach(rejected *sample.Rejections) (u sample.Usage) {
	for k, readings := range s {
		for i, r := range readings {
			switch {
			case i == 0:
				set(&u, kind(k), r)
			case r.Known && kind(k) != start:
				rejected.Add(sample.Repeated)
			}
		}
	}
	return u
}

func (s *seriesSet) most() (n int) {
	for _, readings := range s {
		n = max(n, len(readings))
	}
	return n
}

func countUnpaired(k kind, readings []sample.Reading, rejected *sample.Rejections) {
	for _, r := range readings {
		if r.Known && k != start {
			rejected.Add(sample.OlderLife)
		}
	}
}

// set puts a reading of a kind in its place.
func set(u *sample.Usage, k kind, r sample.Reading) {
	switch k {
	case cpu:
		u.CPU = r
	case memory:
		u.Memory = r
	case start:
		u.Start = int64(r.Value)
	default:
		u.Extra = u.Extra.Set(sample.Resource(k-extra), r)
	}
}
