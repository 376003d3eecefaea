package decode

import "github.com/plimsoll/plimsoll/pkg/sample"

// ResourceDecoder decodes the answers of one kubelet, one after the other, to what Resource would make of each. It remembers which
// containers the latest had, in which order: the next mostly has the same, and then only its numbers are read, and nothing is
// allocated. Where it has others, as the first does, a glance tells which. Its zero value remembers none. It is not safe for concurrent use.
//
// It keeps about a hundred bytes a container, half of them names that it shares with the samples that it gave away.
type ResourceDecoder struct{ layout layout }

// Decode makes n a sample of the body, reusing the memory of its slices. The caller keeps both, and has them for itself meanwhile. After
// an error, which is one of Resource's, n is of no use.
func (d *ResourceDecoder) Decode(body []byte, n *sample.Node) error {
	if d.layout.read(body, n) {
		return nil
	}
	names := d.layout.names()
	if guess := glance(body, names); guess.read(body, n) {
		d.layout = guess
		return nil
	}
	read, err := readResource(body, names)
	if err != nil {
		return err
	}
	*n = read.node()
	d.layout = layoutOf(read.assembly)
	return nil
}
