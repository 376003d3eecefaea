package remotewrite

import (
	"fmt"

	"github.com/klauspost/compress/snappy"
	writev2 "github.com/prometheus/prometheus/prompb/io/prometheus/write/v2"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// batch2 has the messages of remote write 2.0: a table of strings, and with each series its type, its help text and when it began.
type batch2 struct {
	request writev2.Request
	symbols writev2.SymbolsTable
	// refs and samples are what the series of the request refer to.
	refs    []uint32
	samples []writev2.Sample
	packer
}

func newBatch2() *batch2 { return &batch2{symbols: writev2.NewSymbolTable()} }

func (b *batch2) put(labels []label, m *metric, p point) {
	from := len(b.refs)
	for _, l := range labels {
		b.refs = append(b.refs, b.symbols.Symbolize(l.Name), b.symbols.Symbolize(l.Value))
	}
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
	p := export.Payload{Body: b.pack(&b.request), Points: b.len()}
	b.symbols.Reset()
	b.request.Timeseries, b.refs, b.samples = b.request.Timeseries[:0], b.refs[:0], b.samples[:0]
	return p
}

// downgrade returns the body of a payload of 2.0 as that of 1.0.
func downgrade(body []byte) ([]byte, error) {
	raw, err := snappy.Decode(nil, body)
	if err != nil {
		return nil, err
	}
	var from writev2.Request
	if err := from.Unmarshal(raw); err != nil {
		return nil, err
	}
	var to batch1
	var labels []label
	for _, series := range from.Timeseries {
		labels = labels[:0]
		for i := 0; i+1 < len(series.LabelsRefs); i += 2 {
			name, value := series.LabelsRefs[i], series.LabelsRefs[i+1]
			if max(name, value) >= uint32(len(from.Symbols)) {
				return nil, fmt.Errorf("symbol %d of %d", max(name, value), len(from.Symbols))
			}
			labels = append(labels, label{Name: from.Symbols[name], Value: from.Symbols[value]})
		}
		for _, s := range series.Samples {
			to.put(labels, nil, point{value: s.Value, time: s.Timestamp})
		}
	}
	return to.payload().Body, nil
}
