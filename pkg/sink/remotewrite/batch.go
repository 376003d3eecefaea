package remotewrite

import (
	"bytes"
	"slices"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/prompb"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// batch collects series until they are a payload.
type batch interface {
	// put adds one sample. The batch keeps the strings of the labels, and not the slice.
	put(labels []label, m *metric, p point)
	// len is how many samples there are.
	len() int
	// payload returns what has been collected, and empties the batch.
	payload() export.Payload
}

// batch1 has the messages of remote write 1.0.
type batch1 struct {
	request prompb.WriteRequest
	// labels and samples are what the series of the request refer to.
	labels  []label
	samples []prompb.Sample
	packer
}

func (b *batch1) put(labels []label, _ *metric, p point) {
	from := len(b.labels)
	b.labels = append(b.labels, labels...)
	b.samples = append(b.samples, prompb.Sample{Value: p.value, Timestamp: p.time})
	b.request.Timeseries = append(b.request.Timeseries, prompb.TimeSeries{
		Labels:  b.labels[from:len(b.labels):len(b.labels)],
		Samples: b.samples[len(b.samples)-1 : len(b.samples) : len(b.samples)],
	})
}

func (b *batch1) len() int { return len(b.request.Timeseries) }

func (b *batch1) payload() export.Payload {
	p := export.Payload{Body: b.pack(&b.request), Points: b.len()}
	clear(b.request.Timeseries) // The strings of objects that are gone must not stay.
	clear(b.labels)
	b.request.Timeseries, b.labels, b.samples = b.request.Timeseries[:0], b.labels[:0], b.samples[:0]
	return p
}

// message is one that gogo/protobuf has generated.
type message interface {
	Size() int
	MarshalToSizedBuffer(buf []byte) (int, error)
}

// packer turns messages into bodies. It has buffers that grow to the size of the largest.
type packer struct{ raw, compressed []byte }

// pack returns the message compressed, in an array of its own that is no longer than it has to be: it waits in a queue.
func (p *packer) pack(m message) []byte {
	size := m.Size()
	p.raw = slices.Grow(p.raw[:0], size)[:size]
	// The messages have no required fields, and the buffer has their size: there is no error.
	n, _ := m.MarshalToSizedBuffer(p.raw)
	p.compressed = slices.Grow(p.compressed[:0], snappy.MaxEncodedLen(n))
	p.compressed = snappy.Encode(p.compressed[:cap(p.compressed)], p.raw[size-n:])
	return bytes.Clone(p.compressed)
}
