package usage

import (
	"slices"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Extra is the usage of one extra resource, in the unit of its row of the table.
type Extra struct {
	Resource sample.Resource
	Value    uint64
}

// Extras are the usage of extra resources in the order of the table, of each resource at most one; nil where there are none.
type Extras []Extra

// Add inserts the usage of a resource, unless there is some already. It may change the receiver's array, as append does.
func (e Extras) Add(r sample.Resource, value uint64) Extras {
	at, found := slices.BinarySearchFunc(e, r, func(x Extra, r sample.Resource) int { return int(x.Resource) - int(r) })
	if found {
		return e
	}
	return slices.Insert(e, at, Extra{r, value})
}

// Resources are those of which there is usage.
func (e Extras) Resources() (set sample.ResourceSet) {
	for i := range e {
		set |= sample.ResourcesOf(e[i].Resource)
	}
	return set
}
