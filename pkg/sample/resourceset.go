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

// where returns the resources of the set whose row is as wanted.
func (s ResourceSet) where(isWanted func(*ResourceInfo) bool) (subset ResourceSet) {
	for r := range s.All() {
		if isWanted(r.Info()) {
			subset |= ResourcesOf(r)
		}
	}
	return subset
}

// From are the resources of the set that the responses of one of the endpoints hold.
func (s ResourceSet) From(e Endpoint) ResourceSet {
	return s.where(func(i *ResourceInfo) bool { return i.Endpoints&e != 0 })
}

// CheapestFrom are the resources of the set of which the endpoint is the cheapest that holds them. The endpoints are in the order of what
// they cost a kubelet.
func (s ResourceSet) CheapestFrom(e Endpoint) ResourceSet {
	return s.where(func(i *ResourceInfo) bool { return i.Endpoints&-i.Endpoints == e })
}

// ParseResources returns the resources that values of --extra-resources select. The error names the first value that is unknown.
func ParseResources(flags []string) (s ResourceSet, err error) {
	for _, flag := range flags {
		requested := AllResources.where(func(i *ResourceInfo) bool { return i.Flag == flag })
		if requested == 0 {
			return 0, fmt.Errorf("%q is unknown; allowed are %s", flag, strings.Join(AllResources.Flags(), ", "))
		}
		s |= requested
	}
	return s, nil
}

// Flags are the values of --extra-resources that select resources of the set, in alphabetical order.
func (s ResourceSet) Flags() (flags []string) {
	for r := range s.All() {
		flags = append(flags, r.Info().Flag)
	}
	slices.Sort(flags)
	return slices.Compact(flags)
}
