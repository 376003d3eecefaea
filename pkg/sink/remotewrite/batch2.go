package remotewrite

import (
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/s2"
	"github.com/prometheus/common/model"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// batch2 has the messages of remote write 2.0: a table of strings, and with each series its type, its help text and when it began.
type batch2 struct {
	request writev2.Request
	symbols writev2.SymbolsTable
	// before and after are the labels of the object, as they are in the table.
	before, after []uint32
	// refs and samples are what the series of the request refer to, and raw is the encoded request.
	refs    []uint32
	samples []writev2.Sample
	raw     []byte
	packer
}

func newBatch2() *batch2 { return &batch2{symbols: writev2.NewSymbolTable()} }

func (b *batch2) object(before, after []label) {
	b.before = b.symbolize(b.before[:0], before)
	b.after = b.symbolize(b.after[:0], after)
}

func (b *batch2) symbolize(to []uint32, labels []label) []uint32 {
	for _, l := range labels {
		to = append(to, b.symbols.Symbolize(l.name), b.symbols.Symbolize(l.value))
	}
	return to
}

func (b *batch2) put(m *metric, p point) {
	from := len(b.refs)
	b.refs = append(b.refs, b.before...)
	b.refs = append(b.refs, b.symbols.Symbolize(model.MetricNameLabel), b.symbols.Symbolize(m.name))
	b.refs = append(b.refs, b.after...)
	metadata := writev2.Metadata{Type: writev2.Metadata_METRIC_TYPE_GAUGE, HelpRef: b.symbols.Symbolize(m.help)}
	if m.counter {
		metadata.Type = writev2.Metadata_METRIC_TYPE_COUNTER
	}
	b.samples = append(b.samples, writev2.Sample{Value: p.value, Timestamp: p.time, StartTimestamp: p.start})
	b.request.Timeseries = append(b.request.Timeseries, writev2.TimeSeries{
		LabelsRefs: b.refs[from:len(b.refs):len(b.refs)],
		Samples:    b.samples[len(b.samples)-1 : len(b.samples) : len(b.samples)],
		Metadata:   metadata,
	})
}

func (b *batch2) len() int { return len(b.request.Timeseries) }

func (b *batch2) payload() export.Payload {
	b.request.Symbols = b.symbols.Symbols()
	size := b.request.Size()
	b.raw = slices.Grow(b.raw[:0], size)[:size]
	// The message has no required fields, and the buffer has its size: there is no error.
	n, _ := b.request.MarshalToSizedBuffer(b.raw)
	p := export.Payload{Body: b.compress(b.raw[size-n:]), Points: b.len()}
	b.symbols.Reset()
	b.request.Timeseries, b.refs, b.samples = b.request.Timeseries[:0], b.refs[:0], b.samples[:0]
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
