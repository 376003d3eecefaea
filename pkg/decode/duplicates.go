package decode

import (
	"cmp"
	"slices"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// compareInstances orders two instances of one container (or two reports of one node): the one that started later is greater, and
// between those that started together, or whose start is unknown, the one whose CPU was read later.
func compareInstances(a, b sample.Usage) int {
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

func compareExtras(a, b sample.ExtraReading) int {
	return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(a.Time, b.Time), cmp.Compare(a.Value, b.Value))
}

// countReadings returns how many readings an instance has.
func countReadings(u sample.Usage) uint32 {
	n := len(u.Extra)
	for _, r := range [...]sample.Reading{u.CPU, u.Memory, u.Rate} {
		if r.Known {
			n++
		}
	}
	return uint32(n)
}

// seriesSet has the readings of one container or node in the text format: of each kind, in the order of the body.
// A reading that was rejected keeps its position, not Known. More than one of a kind means that two instances of a pod have
// one name, and that no label distinguishes their series.
type seriesSet [kinds][]sample.Reading

// newestInstance returns the newest instance of the set. Series of different kinds are paired by their order where there are
// equally many of them; a kind with fewer series cannot be paired, and is left out of every instance.
func (s *seriesSet) newestInstance(rejected *sample.Rejections) sample.Usage {
	if s.onlyRepeats() {
		return s.firstOfEach(rejected)
	}
	var buf [1 + maxRepeats]sample.Usage
	instances := buf[:s.maxLen()]
	for k, readings := range s {
		if len(readings) != len(instances) {
			countLeftOut(kind(k), readings, sample.OlderInstance, rejected)
			continue
		}
		for i, r := range readings {
			set(&instances[i], kind(k), r)
		}
	}
	newest := slices.MaxFunc(instances, compareInstances)
	for _, instance := range instances {
		rejected[sample.OlderInstance] += countReadings(instance)
	}
	rejected[sample.OlderInstance] -= countReadings(newest)
	return newest
}

// onlyRepeats is true where the readings of each kind are all equal, which is no sign of a second instance.
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
		if len(readings) > 0 {
			set(&u, kind(k), readings[0])
			countLeftOut(kind(k), readings[1:], sample.Repeated, rejected)
		}
	}
	return u
}

func (s *seriesSet) maxLen() (n int) {
	for _, readings := range s {
		n = max(n, len(readings))
	}
	return n
}

// countLeftOut counts readings that were left out. A start is no reading of its own.
func countLeftOut(k kind, readings []sample.Reading, why sample.Rejection, rejected *sample.Rejections) {
	for _, r := range readings {
		if r.Known && k != start {
			rejected.Add(why)
		}
	}
}

// set assigns a reading to the field of its kind.
func set(u *sample.Usage, k kind, r sample.Reading) {
	switch k {
	case cpu:
		u.CPU = r
	case memory:
		u.Memory = r
	case start:
		u.Start = int64(r.Value)
	default:
		u.Extra = u.Extra.Set(sample.Resource(k-firstExtra), r)
	}
}
