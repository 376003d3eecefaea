package sample

import (
	"fmt"
	"iter"
	"math/bits"
	"slices"
	"strings"
)

// ResourceSet is a set of extra resources. The zero value is empty.
type ResourceSet uint16

// AllResources are all that the table has.
const AllResources ResourceSet = 1<<ResourceCount - 1

// ResourcesOf returns the set of some resources.
func ResourcesOf(resources ...Resource) (s ResourceSet) {
	for _, r := range resources {
		s |= 1 << r
	}
	return s
}

// Has is true where the resource is in the set.
func (s ResourceSet) Has(r Resource) bool { return s&(1<<r) != 0 }

// All are the resources of the set in the order of the table.
func (s ResourceSet) All() iter.Seq[Resource] {
	return func(yield func(Resource) bool) {
		for ; s != 0; s &= s - 1 {
			if !yield(Resource(bits.TrailingZeros16(uint16(s)))) {
				return
			}
		}
	}
}

// String lists the keys of the set.
func (s ResourceSet) String() string {
	var keys []string
	for r := range s.All() {
		keys = append(keys, r.String())
	}
	return strings.Join(keys, ",")
}

// From are the resources of the set that the responses of one of the endpoints hold.
func (s ResourceSet) From(e Endpoint) (from ResourceSet) {
	for r := range s.All() {
		if table[r].Endpoints&e != 0 {
			from |= 1 << r
		}
	}
	return from
}

// CheapestFrom are the resources of the set of which the endpoint is the cheapest that holds them. The endpoints are in the order of what
// they cost a kubelet.
func (s ResourceSet) CheapestFrom(e Endpoint) (from ResourceSet) {
	for r := range s.All() {
		if all := table[r].Endpoints; all&-all == e {
			from |= 1 << r
		}
	}
	return from
}

// ParseResources returns the resources for which values of --extra-resources ask. The error names the first value that asks for none.
func ParseResources(flags []string) (s ResourceSet, err error) {
	for _, flag := range flags {
		asked := resourcesOfFlag(flag)
		if asked == 0 {
			return 0, fmt.Errorf("%q is unknown; allowed are %s", flag, strings.Join(ResourceFlags(), ", "))
		}
		s |= asked
	}
	return s, nil
}

func resourcesOfFlag(flag string) (s ResourceSet) {
	for r := range AllResources.All() {
		if table[r].Flag == flag {
			s |= 1 << r
		}
	}
	return s
}

// ResourceFlags are the values that --extra-resources may have, in alphabetical order.
func ResourceFlags() []string { return AllResources.Flags() }

// Flags are the values of --extra-resources that ask for resources of the set, in alphabetical order.
func (s ResourceSet) Flags() (flags []string) {
	for r := range s.All() {
		flags = append(flags, table[r].Flag)
	}
	slices.Sort(flags)
	return slices.Compact(flags)
}
