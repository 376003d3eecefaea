package influxdb

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"

	"github.com/plimsoll/plimsoll/pkg/export"
)

// A payload ends with the first record after which it has so many points or bytes before compression. A server reads it as one request.
const (
	maxPoints = 5000
	maxBytes  = 2 << 20
)

// batch collects the points of the next payload. Of a name nothing has to be escaped but what [tagWriter] has escaped.
type batch struct {
	withFields bool
	// tags are those of the record whose points are written, and resource is the tag resource_id; empty for none.
	tags     []byte
	resource string
	// line is the measurement, the resource and the time of the line that is open, to which a field can be added; the zero value where none is.
	line openLine

	text   []byte
	points int
	body   bytes.Buffer
	zip    *gzip.Writer
}

type openLine struct {
	measurement, resource string
	time                  int64
}

func newBatch(withFields bool) batch {
	zip, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // An error would be about the level.
	return batch{withFields: withFields, zip: zip}
}

// begin begins the points of a record. The tags are used until the next call.
func (b *batch) begin(tags []byte) { b.tags = tags }

// count adds a point whose value is an integer. Time is in Unix nanoseconds.
func (b *batch) count(metric string, value uint64, time int64) {
	b.beginField(metric, time)
	b.text = append(strconv.AppendUint(b.text, value, 10), 'i')
}

// rate adds a point whose value is a floating-point number.
func (b *batch) rate(metric string, value float64, time int64) {
	b.beginField(metric, time)
	b.text = strconv.AppendFloat(b.text, value, 'g', -1, 64)
}

// beginField writes everything of a point that precedes its value.
func (b *batch) beginField(metric string, time int64) {
	measurement, field := metric, "value"
	if before, after, found := strings.Cut(metric, "/"); found && b.withFields {
		measurement, field = before, after
	}
	if line := (openLine{measurement, b.resource, time}); !b.withFields || line != b.line {
		b.endLine()
		b.line = line
		b.text = append(append(b.text, measurement...), b.tags...)
		if b.resource != "" {
			b.text = append(append(b.text, ",resource_id="...), b.resource...)
		}
		b.text = append(b.text, ' ')
	} else {
		b.text = append(b.text, ',')
	}
	b.text = append(append(b.text, field...), '=')
}

// endLine writes the time of the line that is open.
func (b *batch) endLine() {
	if b.line == (openLine{}) {
		return
	}
	b.text = append(strconv.AppendInt(append(b.text, ' '), b.line.time, 10), '\n')
	b.points++
	b.line = openLine{}
}

// end ends the points of a record.
func (b *batch) end() { b.endLine() }

func (b *batch) isFull() bool { return b.points >= maxPoints || len(b.text) >= maxBytes }

// finish appends the payload of the points that were collected, unless there are none, and begins the next.
func (b *batch) finish(to []export.Payload) []export.Payload {
	if b.points == 0 {
		return to
	}
	b.body.Reset()
	b.zip.Reset(&b.body)
	_, _ = b.zip.Write(b.text) // A buffer takes everything.
	_ = b.zip.Close()
	to = append(to, export.Payload{Body: bytes.Clone(b.body.Bytes()), Points: b.points})
	b.text, b.points = b.text[:0], 0
	return to
}
