package remotewrite

import (
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/s2"
	"github.com/prometheus/common/model"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// batch2 has the messages of remote write 2.0: a table of strings, and with each series its type, its help text and when it began. The types of the library
// would be filled first and encoded then, and each string be looked up for each series.
type batch2 struct {
	symbols writev2.SymbolsTable
	// before and after are the labels of the object on both sides of the name of the metric.
	before, after symbolized
	// metrics have what is encoded of each metric: the references of its name, and Metadata.
	metrics map[*metric]encodedMetric
	raw     []byte
	series  int
	packer
}

// symbolized are labels, their references to the table, and these as they are encoded.
type symbolized struct {
	labels  []label
	refs    [][2]uint32
	encoded []byte
}

type encodedMetric struct{ name, metadata []byte }

func newBatch2() *batch2 {
	return &batch2{symbols: writev2.NewSymbolTable(), metrics: map[*metric]encodedMetric{}}
}

// The numbers of fields in the messages of remote write 2.0. Value and timestamp of a sample have those of 1.0.
const (
	request2Symbols    protowire.Number = 4 // Request.symbols
	request2Timeseries protowire.Number = 5 // Request.timeseries
	series2LabelsRefs  protowire.Number = 1 // TimeSeries.labels_refs
	series2Metadata    protowire.Number = 5 // TimeSeries.metadata
	sample2Start       protowire.Number = 3 // Sample.start_timestamp
	metadata2Type      protowire.Number = 1 // Metadata.type
	metadata2HelpRef   protowire.Number = 3 // Metadata.help_ref
)

func (b *batch2) object(before, after []label) {
	b.before.set(&b.symbols, before)
	b.after.set(&b.symbols, after)
}

// set sets the labels. One that is that of the object before, as mostly the node's name, is not looked up again.
func (s *symbolized) set(table *writev2.SymbolsTable, labels []label) {
	known := len(s.labels)
	s.labels, s.refs, s.encoded = slices.Grow(s.labels, len(labels))[:len(labels)], slices.Grow(s.refs, len(labels))[:len(labels)], s.encoded[:0]
	for i, l := range labels {
		if i >= known || s.labels[i] != l {
			s.labels[i], s.refs[i] = l, [2]uint32{table.Symbolize(l.name), table.Symbolize(l.value)}
		}
		s.encoded = protowire.AppendVarint(protowire.AppendVarint(s.encoded, uint64(s.refs[i][0])), uint64(s.refs[i][1]))
	}
}

// metric returns what is encoded of a metric.
func (b *batch2) metric(m *metric) encodedMetric {
	if known, ok := b.metrics[m]; ok {
		return known
	}
	kind := writev2.Metadata_METRIC_TYPE_GAUGE
	if m.counter {
		kind = writev2.Metadata_METRIC_TYPE_COUNTER
	}
	var e encodedMetric
	e.name = protowire.AppendVarint(protowire.AppendVarint(nil, uint64(b.symbols.Symbolize(model.MetricNameLabel))), uint64(b.symbols.Symbolize(m.name)))
	metadata := appendNumber(appendNumber(nil, metadata2Type, uint64(kind)), metadata2HelpRef, uint64(b.symbols.Symbolize(m.help)))
	e.metadata = append(appendBytesTag(nil, series2Metadata, len(metadata)), metadata...)
	b.metrics[m] = e
	return e
}

func (b *batch2) put(m *metric, p point) {
	e := b.metric(m)
	refs := len(b.before.encoded) + len(e.name) + len(b.after.encoded)
	// The tags of all fields have one byte each.
	sample := 1 + 8 + 1 + protowire.SizeVarint(uint64(p.time))
	if p.start != 0 {
		sample += 1 + protowire.SizeVarint(uint64(p.start))
	}
	raw := appendBytesTag(b.raw, request2Timeseries, 1+protowire.SizeBytes(refs)+1+protowire.SizeBytes(sample)+len(e.metadata))
	raw = appendBytesTag(raw, series2LabelsRefs, refs)
	raw = append(append(append(raw, b.before.encoded...), e.name...), b.after.encoded...)
	raw = appendSample(appendBytesTag(raw, seriesSamples, sample), p)
	if p.start != 0 {
		raw = appendNumber(raw, sample2Start, uint64(p.start))
	}
	b.raw = append(raw, e.metadata...)
	b.series++
}

func appendNumber(to []byte, field protowire.Number, number uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(to, field, protowire.VarintType), number)
}

func (b *batch2) len() int { return b.series }

func (b *batch2) payload() export.Payload {
	for _, s := range b.symbols.Symbols() {
		b.raw = append(appendBytesTag(b.raw, request2Symbols, len(s)), s...)
	}
	p := export.Payload{Body: b.compress(b.raw), Points: b.series}
	b.raw, b.series = b.raw[:0], 0
	b.symbols.Reset()
	b.before.labels, b.after.labels = b.before.labels[:0], b.after.labels[:0]
	clear(b.metrics)
	return p
}

// downgrade returns the body of a payload of 2.0 as that of 1.0.
func downgrade(body []byte) ([]byte, error) {
	raw, err := s2.Decode(nil, body)
	if err != nil {
		return nil, err
	}
	var from writev2.Request
	if err := from.Unmarshal(raw); err != nil {
		return nil, err
	}
	var to batch1
	for _, series := range from.Timeseries {
		name, labels, err := split(series.LabelsRefs, from.Symbols)
		if err != nil {
			return nil, err
		}
		to.object(labels[:name], labels[name+1:])
		for _, s := range series.Samples {
			to.putSeries(labels[name].value, point{value: s.Value, time: s.Timestamp})
		}
	}
	return to.payload().Body, nil
}

// split returns the labels of a series, and which of them is the name of the metric.
func split(refs []uint32, symbols []string) (name int, labels []label, err error) {
	name = -1
	for i := 0; i+1 < len(refs); i += 2 {
		if most := max(refs[i], refs[i+1]); most >= uint32(len(symbols)) {
			return 0, nil, fmt.Errorf("symbol %d of %d", most, len(symbols))
		}
		if symbols[refs[i]] == model.MetricNameLabel {
			name = len(labels)
		}
		labels = append(labels, label{symbols[refs[i]], symbols[refs[i+1]]})
	}
	if name < 0 {
		return 0, nil, errors.New("a series without a name")
	}
	return name, labels, nil
}
