package store

import "slices"

// fewNames is up to how many names a walk over them is as fast as a map.
const fewNames = 16

// nameIndex finds a name among others in constant time. The author of a pod's object, or a kubelet, chooses how many there are.
type nameIndex struct {
	all []string
	at  map[string]int
}

// newNameIndex returns an index of names that are distinct. It keeps the slice.
func newNameIndex(all []string) nameIndex {
	n := nameIndex{all: all}
	if len(all) > fewNames {
		n.at = make(map[string]int, len(all))
		for i, name := range all {
			n.at[name] = i
		}
	}
	return n
}

// find returns the position of a name, -1 where it is not among them.
func (n *nameIndex) find(name string) int {
	if n.at == nil {
		return slices.Index(n.all, name)
	}
	if i, ok := n.at[name]; ok {
		return i
	}
	return -1
}
