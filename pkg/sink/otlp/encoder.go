package otlp

import (
	"bytes"
	"fmt"
	"iter"
	"time"

	"github.com/klauspost/compress/gzip"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"k8s.io/component-base/version"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// encoder writes requests: ExportMetricsServiceRequest, with a resource for each record.
type encoder struct {
	attributes *attributes
	// templates are those of each level, and ends those of objects that are gone.
	templates, ends map[export.Level][]template
	// scope is encoded: ScopeMetrics with the name and the version of Plimsoll.
	scope []byte
	// body is the request that is being written, and points counts what is in it.
	body   []byte
	points int
	// resource and metrics are those of one record.
	resource, metrics []byte
	// zip is nil where nothing is compressed.
	zip        *gzip.Writer
	compressed bytes.Buffer
}

func newEncoder(c Config) (*encoder, error) {
	attributes, err := newAttributes(c.Cluster, c.Attributes)
	if err != nil {
		return nil, err
	}
	e := &encoder{attributes: attributes, templates: map[export.Level][]template{}, ends: map[export.Level][]template{}}
	scope := &commonpb.InstrumentationScope{Name: "github.com/plimsoll/plimsoll", Version: version.Get().GitVersion}
	if e.scope, err = proto.Marshal(&metricspb.ScopeMetrics{Scope: scope}); err != nil {
		return nil, fmt.Errorf("scope: %w", err)
	}
	for level, metrics := range conventions() {
		for _, m := range metrics {
			t, err := newTemplate(m, false)
			if err != nil {
				return nil, err
			}
			end, err := newTemplate(m, true)
			if err != nil {
				return nil, err
			}
			e.templates[level], e.ends[level] = append(e.templates[level], t), append(e.ends[level], end)
		}
	}
	if c.Gzip {
		e.zip, err = gzip.NewWriterLevel(nil, gzip.BestSpeed)
	}
	return e, err
}

// maxPoints is how many points a payload has at most, but for those of its last record, which stay together.
const maxPoints = 5000

// Encode implements [export.Encoder]. A record is skipped where a name in it is not UTF-8.
func (e *encoder) Encode(payloads []export.Payload, records iter.Seq[*export.Record]) (all []export.Payload, skipped int) {
	for r := range records {
		if !e.add(r) {
			skipped++
		}
		if e.points >= maxPoints {
			payloads = append(payloads, e.payload())
		}
	}
	if e.points > 0 {
		payloads = append(payloads, e.payload())
	}
	return payloads, skipped
}

// The numbers of fields in the messages of OpenTelemetry.
const (
	requestResourceMetrics       protowire.Number = 1 // ExportMetricsServiceRequest.resource_metrics
	resourceMetricsResource      protowire.Number = 1 // ResourceMetrics.resource
	resourceMetricsScopedMetrics protowire.Number = 2 // ResourceMetrics.scope_metrics
)

// add writes a record with its points, if there are any. It is false where the record cannot be written.
func (e *encoder) add(r *export.Record) bool {
	points := e.addPoints(r)
	if points == 0 {
		return true
	}
	var ok bool
	if e.resource, ok = e.attributes.appendTo(e.resource[:0], r); !ok {
		return false
	}
	scoped := len(e.scope) + len(e.metrics)
	// The tags of these fields have one byte each.
	body := appendBytesTag(e.body, requestResourceMetrics, 1+protowire.SizeBytes(len(e.resource))+1+protowire.SizeBytes(scoped))
	body = append(appendBytesTag(body, resourceMetricsResource, len(e.resource)), e.resource...)
	body = append(appendBytesTag(body, resourceMetricsScopedMetrics, scoped), e.scope...)
	e.body, e.points = append(body, e.metrics...), e.points+points
	return true
}

// addPoints writes the metrics of a record, and returns how many there are. Those of an object that is gone end a millisecond after their last point, which is
// the least time that most receivers distinguish.
func (e *encoder) addPoints(r *export.Record) (points int) {
	e.metrics = e.metrics[:0]
	templates, later := e.templates[r.Level], int64(0)
	if r.Gone {
		templates, later = e.ends[r.Level], int64(time.Millisecond)
	}
	for i := range templates {
		t := &templates[i]
		if v := t.read(r); v.time > 0 {
			v.time += later
			e.metrics = t.appendTo(e.metrics, v, r.Start)
			points++
		}
	}
	return points
}

// payload returns what has been collected, in an array that is no longer than it has to be: it waits in a queue.
func (e *encoder) payload() export.Payload {
	p := export.Payload{Points: e.points}
	if e.zip == nil {
		p.Body = bytes.Clone(e.body)
	} else {
		p.Body = e.compress(e.body)
	}
	e.body, e.points = e.body[:0], 0
	return p
}

func (e *encoder) compress(body []byte) []byte {
	e.compressed.Reset()
	e.zip.Reset(&e.compressed)
	// Writes to memory do not fail.
	_, _ = e.zip.Write(body)
	_ = e.zip.Close()
	return bytes.Clone(e.compressed.Bytes())
}
