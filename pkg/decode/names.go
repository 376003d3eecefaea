package decode

// names are the names that many pods of a body share (namespaces and container names), each kept once.
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
