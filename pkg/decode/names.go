package decode

// names are texts that many pods of an answer share, namespaces and names of containers, each kept once.
type names map[string]string

// of is the one copy of a name.
func (n names) of(name []byte) string {
	if kept, ok := n[string(name)]; ok {
		return kept
	}
	kept := string(name)
	n[kept] = kept
	return kept
}
