package sample

import "slices"

// ExtraReading is a reading of an extra resource, in the unit of its row.
type ExtraReading struct {
	Resource Resource
	Reading
}

// ExtraReadings are readings of extra resources in the order of the table, of each resource at most one. A resource that the kubelet did not report,
// or whose reading was rejected, is not among them. Nil where there are none.
type ExtraReadings []ExtraReading

// Get returns the reading of a resource; one that is not Known where there is none.
func (e ExtraReadings) Get(r Resource) Reading {
	for i := range e {
		if e[i].Resource == r {
			return e[i].Reading
		}
	}
	return Reading{}
}

func (e ExtraReadings) stamp(sentAt int64) {
	for i := range e {
		e[i].Reading.stamp(sentAt)
	}
}

// Set adds the reading of a resource, or replaces the one that is there. It does nothing for a reading that is not Known. It may change
// the receiver's array, as append does.
func (e ExtraReadings) Set(r Resource, reading Reading) ExtraReadings {
	if !reading.Known {
		return e
	}
	at, found := slices.BinarySearchFunc(e, r, func(x ExtraReading, r Resource) int { return int(x.Resource) - int(r) })
	if found {
		e[at].Reading = reading
		return e
	}
	return slices.Insert(e, at, ExtraReading{Resource: r, Reading: reading})
}
