package remotewrite

import (
	"encoding/binary"
	"math"

	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// batch1 has the messages of remote write 1.0, prometheus.WriteRequest. Labels are encoded once for all series of an object, which
// the types of the library would encode in each.
type batch1 struct {
	raw    []byte
	series int
	// before and after are the encoded labels of the object on both sides of the name of the metric, and name is that.
	before, name, after []byte
	packer
}

// The numbers of fields in the messages of Prometheus.
const (
	requestTimeseries protowire.Number = 1 // WriteRequest.timeseries
	seriesLabels      protowire.Number = 1 // TimeSeries.labels
	seriesSamples     protowire.Number = 2 // TimeSeries.samples
	labelName         protowire.Number = 1 // Label.name
	labelValue        protowire.Number = 2 // Label.value
	sampleValue       protowire.Number = 1 // Sample.value
	sampleTimestamp   protowire.Number = 2 // Sample.timestamp
)

func (b *batch1) object(before, after []label) {
	b.before = appendLabels(b.before[:0], before)
	b.after = appendLabels(b.after[:0], after)
}

func (b *batch1) put(m *metric, p point) {
	b.putSeries(m.name, p)
}

// putSeries adds a sample of a series of the object.
func (b *batch1) putSeries(name string, p point) {
	b.name = appendLabel(b.name[:0], model.MetricNameLabel, name)
	// The tags of all fields have one byte each.
	sample := 1 + 8 + 1 + protowire.SizeVarint(uint64(p.time))
	size := len(b.before) + len(b.name) + len(b.after) + 1 + protowire.SizeBytes(sample)
	raw := appendBytesTag(b.raw, requestTimeseries, size)
	raw = append(append(append(raw, b.before...), b.name...), b.after...)
	b.raw = appendSample(appendBytesTag(raw, seriesSamples, sample), p)
	b.series++
}

// appendSample appends the value and the time of a sample.
func appendSample(to []byte, p point) []byte {
	to = protowire.AppendTag(to, sampleValue, protowire.Fixed64Type)
	to = binary.LittleEndian.AppendUint64(to, math.Float64bits(p.value))
	to = protowire.AppendTag(to, sampleTimestamp, protowire.VarintType)
	return protowire.AppendVarint(to, uint64(p.time))
}

func (b *batch1) len() int { return b.series }

func (b *batch1) payload() export.Payload {
	p := export.Payload{Body: b.compress(b.raw), Points: b.series}
	b.raw, b.series = b.raw[:0], 0
	return p
}

func appendLabels(to []byte, labels []label) []byte {
	for _, l := range labels {
		to = appendLabel(to, l.name, l.value)
	}
	return to
}

func appendLabel(to []byte, name, value string) []byte {
	to = appendBytesTag(to, seriesLabels, 1+protowire.SizeBytes(len(name))+1+protowire.SizeBytes(len(value)))
	to = append(appendBytesTag(to, labelName, len(name)), name...)
	return append(appendBytesTag(to, labelValue, len(value)), value...)
}

// appendBytesTag appends what stands before so many bytes of a field.
func appendBytesTag(to []byte, field protowire.Number, length int) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, field, protowire.BytesType), uint64(length))
}
