package remotewrite

import (
	"bytes"
	"slices"

	"github.com/klauspost/compress/s2"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// batch collects series until they are a payload.
type batch interface {
	// object sets the labels of the series that follow: those before the name of the metric in the order of names, and those after it. The batch does not
	// keep the slices.
	object(before, after []label)
	// put adds a sample of a series of the object.
	put(m *metric, p point)
	// len is how many samples there are.
	len() int
	// payload returns what has been collected, and empties the batch.
	payload() export.Payload
}

// packer compresses messages. It has a buffer that grows to the size of the largest.
type packer struct{ compressed []byte }

// compress returns the message compressed with snappy, in an array of its own that is no longer than it has to be: it waits in a queue.
func (p *packer) compress(message []byte) []byte {
	p.compressed = slices.Grow(p.compressed[:0], s2.MaxEncodedLen(len(message)))
	p.compressed = s2.EncodeSnappy(p.compressed[:cap(p.compressed)], message)
	return bytes.Clone(p.compressed)
}
