package decode

import (
	"cmp"
	"math"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// selection decides which of the statistics become readings.
type selection struct {
	// extra are the extra resources.
	extra sample.ResourceSet
	// onlyExtra leaves out CPU and memory.
	onlyExtra bool
	// details adds the details.
	details bool
}

// fields are those that are read, as the elements of field.readFor.
func (s selection) fields() sample.ResourceSet {
	fields := s.extra | always
	if !s.onlyExtra {
		fields |= measured
	}
	if s.details {
		fields |= detailed
	}
	return fields
}

// statistics are the values that the summary has of one node or container. The kubelet's own types are not used, because one bad time in
// them, even in the state of a file system, would lose the whole node; here it loses its own readings.
type statistics struct {
	fields *summaryFields
	// values are by the index of the field.
	values []value
}

func newStatistics(f *summaryFields) statistics { return statistics{f, make([]value, f.values)} }

func (s *statistics) reset() { clear(s.values) }

// member reads a member of the object that describes the node or container. What is not selected is passed over.
func (s *statistics) member(r *jsonReader, name []byte) error {
	return s.read(r, name, s.fields.members)
}

func (s *statistics) read(r *jsonReader, name []byte, members []field) error {
	for i := range members {
		if f := &members[i]; is(name, f.name) && f.readFor&r.selection.fields() != 0 {
			return s.readField(r, f)
		}
	}
	return r.SkipValue()
}

// readField reads a value or an object, of which null is the absence.
func (s *statistics) readField(r *jsonReader, f *field) error {
	if f.parse != nil {
		return r.value(&s.values[f.index], f.parse)
	}
	if r.PeekKind() == 'n' {
		s.forget(f)
	}
	return r.object(func(r *jsonReader, name []byte) error { return s.read(r, name, f.members) })
}

// forget empties the values of a field and of its members.
func (s *statistics) forget(f *field) {
	if f.parse != nil {
		s.values[f.index] = value{}
	}
	for i := range f.members {
		s.forget(&f.members[i])
	}
}

// start is when the node or the container started; 0 where that is unknown, or too early to be a start.
func (s *statistics) start() int64 {
	if start := int64(s.values[startTime].number); start > earliestStart*nanosPerSecond {
		return start
	}
	return 0
}

// usage returns the selected readings, less those that it rejects and counts.
func (s *statistics) usage(of selection, rejected *sample.Rejections) sample.Usage {
	u := sample.Usage{Start: s.start()}
	if !of.onlyExtra {
		memory := memoryWorkingSet
		if !s.values[memory].present {
			memory = memoryUsage // Some virtual kubelets report only this.
		}
		u.CPU = s.reading(cpuCoreNanoSeconds, cpuTime, rejected)
		u.Rate = s.reading(cpuNanoCores, cpuTime, rejected)
		u.Memory = s.reading(memory, memoryTime, rejected)
	}
	for r := range of.extra.All() {
		u.Extra = u.Extra.Set(r, s.extra(r, rejected))
	}
	return u
}

// details returns the readings of the details; false where there are none.
func (s *statistics) details(rejected *sample.Rejections) (d sample.Details, ok bool) {
	for i, reading := range d.Readings() {
		if p := s.fields.details[i]; p.value != none {
			*reading = s.part(p, rejected)
			ok = ok || reading.Known
		}
	}
	return d, ok
}

// extra returns the reading of an extra resource. Where one of its parts is not known neither is the sum.
func (s *statistics) extra(r sample.Resource, rejected *sample.Rejections) sample.Reading {
	parts := s.fields.extras[r]
	sum := sample.Reading{Time: math.MaxInt64, Known: len(parts) > 0}
	for _, p := range parts {
		reading := s.part(p, rejected)
		sum.Value, sum.Time, sum.Known = sum.Value+reading.Value, min(sum.Time, reading.Time), sum.Known && reading.Known
		if sum.Value >= tooLarge { // of two numbers below tooLarge
			rejected.Add(sample.TooLarge)
			return sample.Reading{}
		}
	}
	return sum
}

// part returns the reading of a part, unless it is more than its file system holds.
func (s *statistics) part(p part, rejected *sample.Rejections) sample.Reading {
	used := s.reading(p.value, p.time, rejected)
	if p.capacity == none {
		return used
	}
	if holds := s.values[p.capacity].number; holds > 0 && used.Value > holds {
		rejected.Add(sample.Implausible)
		return sample.Reading{}
	}
	return used
}

// reading is the value at one index with the time at another; a rejection of either is counted.
func (s *statistics) reading(of, at int, rejected *sample.Rejections) sample.Reading {
	v, time := s.values[of], s.values[at]
	if !v.present {
		return sample.Reading{}
	}
	if rejection := cmp.Or(v.rejection, time.rejection); rejection != sample.NotRejected {
		rejected.Add(rejection)
		return sample.Reading{Rejected: rejection}
	}
	return sample.Reading{Value: v.number, Time: int64(time.number), Known: true}
}
