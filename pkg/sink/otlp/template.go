package otlp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// template is an encoded metric with one point, of which only numbers of a fixed length change from record to record. The library takes six times
// the CPU for the same bytes (BenchmarkEncode, BenchmarkLibrary).
type template struct {
	metric
	// encoded is ScopeMetrics with this metric alone: the field with its tag and length.
	encoded []byte
	// start, time and value are the offsets of the numbers in it; 0 where there is none.
	start, time, value int
}

// The numbers of a template's point, by which their places are found.
const (
	anyStart = 0xA1B2C3D4E5F60718
	anyTime  = 0xA2B3C4D5E6F70819
	anyValue = 0x22334455667788
)

// newTemplate returns the template of a metric's points, or of those that say that there is no value.
func newTemplate(m metric, noValue bool) (template, error) {
	point := &metricspb.NumberDataPoint{TimeUnixNano: anyTime, Value: &metricspb.NumberDataPoint_AsDouble{AsDouble: math.Float64frombits(anyValue)}}
	switch {
	case noValue:
		point.Value, point.Flags = nil, uint32(metricspb.DataPointFlags_DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK)
	case m.integer:
		point.Value = &metricspb.NumberDataPoint_AsInt{AsInt: anyValue}
	}
	if m.kind != gauge {
		point.StartTimeUnixNano = anyStart
	}
	encoded, err := proto.Marshal(&metricspb.ScopeMetrics{Metrics: []*metricspb.Metric{m.message(point)}})
	if err != nil {
		return template{}, fmt.Errorf("metric %s: %w", m.name, err)
	}
	t := template{metric: m, encoded: encoded, time: find(encoded, anyTime)}
	if !noValue {
		t.value = find(encoded, anyValue)
	}
	if m.kind != gauge {
		t.start = find(encoded, anyStart)
	}
	if t.start < 0 || t.time < 0 || t.value < 0 {
		return template{}, fmt.Errorf("metric %s: the library encodes a point in another way", m.name)
	}
	return t, nil
}

// find returns the offset of a number of 64 bits, which protobuf writes with its least byte first.
func find(encoded []byte, number uint64) int {
	return bytes.Index(encoded, binary.LittleEndian.AppendUint64(nil, number))
}

// appendTo appends the metric with a point.
func (t *template) appendTo(body []byte, v reading, start int64) []byte {
	at := len(body)
	body = append(body, t.encoded...)
	binary.LittleEndian.PutUint64(body[at+t.time:], uint64(v.time))
	if t.value != 0 {
		binary.LittleEndian.PutUint64(body[at+t.value:], v.bits)
	}
	if t.start != 0 {
		binary.LittleEndian.PutUint64(body[at+t.start:], uint64(max(0, start)))
	}
	return body
}
