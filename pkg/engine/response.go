package engine

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// point is one sample of a series: a value at a time in milliseconds since the Unix epoch.
type point struct {
	time  int64
	value float64
}

// label is one label of a series. Its texts are the response's, until the next series is read.
type label struct{ name, value []byte }

// outcome is what an engine returned beside the series.
type outcome struct {
	status, errorType, errorText string
	// warnings is how many warnings came, and warning the first.
	warnings int
	warning  string
	partial  bool
	series   int
}

const (
	// maxLabel bounds the name or the value of a label in bytes: a longer one has none of Kubernetes' names. maxLabels bounds their number.
	maxLabel, maxLabels = 4 << 10, 128
	// maxPoints bounds the samples of one series in a window.
	maxPoints = 4096
	// maxText bounds what is kept of an engine's error or warning, in bytes.
	maxText = 512
)

var (
	errSyntax    = errors.New("the response is not that of a Prometheus-compatible engine")
	errNoSamples = fmt.Errorf("%w: its result has no samples", errSyntax)
)

// responseReader reads a response as it comes. It keeps the series that is being read, and nothing of the others.
type responseReader struct {
	*jsontext.Decoder
	outcome outcome
	// name is the name that was read last. buf has the texts of the labels, which are slices of it once all have been read.
	name   []byte
	buf    []byte
	ends   []int
	labels []label
	points []point
	series func([]label, []point)
}

// readResponse reads a response and calls series for each series of it. The labels and the points are the reader's. An error is that of the reader, or
// an errSyntax.
func readResponse(r io.Reader, series func([]label, []point)) (outcome, error) {
	d := &responseReader{Decoder: jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)), series: series}
	err := d.object(d.member)
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return d.outcome, fmt.Errorf("the response ends after %d bytes: %w", d.InputOffset(), io.ErrUnexpectedEOF)
	case errors.As(err, &syntax):
		return d.outcome, fmt.Errorf("%w: after %d bytes: %.100s", errSyntax, syntax.ByteOffset, syntax.Err.Error())
	case err != nil:
		return d.outcome, err
	case d.outcome.status == "":
		return d.outcome, fmt.Errorf("%w: it has no status", errSyntax)
	}
	return d.outcome, nil
}

func (d *responseReader) member(name []byte) (err error) {
	switch a := &d.outcome; string(name) {
	case "status":
		a.status, err = d.text()
	case "errorType":
		a.errorType, err = d.text()
	case "error":
		a.errorText, err = d.text()
	case "isPartial": // VictoriaMetrics
		var token jsontext.Token
		token, err = d.ReadToken()
		a.partial = token.Kind() == 't'
	case "warnings":
		return d.list(func() (err error) {
			text, err := d.text()
			if a.warnings++; a.warnings == 1 {
				a.warning = text
			}
			return err
		})
	case "data":
		return d.object(d.data)
	default:
		return d.SkipValue()
	}
	return err
}

func (d *responseReader) data(name []byte) error {
	switch string(name) {
	case "resultType":
		kind, err := d.text()
		if err == nil && kind != "matrix" && kind != "vector" {
			return errNoSamples
		}
		return err
	case "result":
		return d.list(d.readSeries)
	}
	return d.SkipValue()
}

// readSeries reads {"metric":{...},"values":[[time,"value"],...]}.
func (d *responseReader) readSeries() error {
	d.buf, d.ends, d.labels, d.points = d.buf[:0], d.ends[:0], d.labels[:0], d.points[:0]
	err := d.object(func(name []byte) error {
		switch string(name) {
		case "metric":
			return d.object(d.label)
		case "values":
			return d.list(d.point)
		case "value": // of a vector
			return d.point()
		}
		return d.SkipValue()
	})
	if err != nil {
		return err
	}
	from := 0
	for i := 0; i+1 < len(d.ends); i += 2 {
		d.labels = append(d.labels, label{d.buf[from:d.ends[i]], d.buf[d.ends[i]:d.ends[i+1]]})
		from = d.ends[i+1]
	}
	d.outcome.series++
	d.series(d.labels, d.points)
	return nil
}

// label reads the value of a label, whose name has been read.
func (d *responseReader) label(name []byte) error {
	long := len(name) > maxLabel
	d.buf = append(d.buf, name[:min(len(name), maxLabel)]...)
	named := len(d.buf)
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	if long || len(raw) > maxLabel || len(d.ends) >= 2*maxLabels || raw.Kind() != '"' {
		return fmt.Errorf("%w: a series has labels that are too long or too many", errSyntax)
	}
	d.buf, _ = jsontext.AppendUnquote(d.buf, raw) // An error means invalid UTF-8, which is replaced.
	d.ends = append(d.ends, named, len(d.buf))
	return nil
}

// point reads [time,"value"]. A value that is no number, such as the mark that a series has ended, is left out.
func (d *responseReader) point() error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	at, value, ok := bytes.Cut(bytes.TrimSpace(raw), []byte(","))
	at, value = bytes.TrimSpace(bytes.TrimPrefix(at, []byte("["))), bytes.TrimSpace(bytes.TrimSuffix(value, []byte("]")))
	seconds, errTime := strconv.ParseFloat(string(at), 64)
	v, errValue := strconv.ParseFloat(string(bytes.Trim(value, `"`)), 64)
	milliseconds := math.Round(seconds * 1000)
	switch {
	case !ok || errTime != nil || errValue != nil && !errors.Is(errValue, strconv.ErrRange) || math.Abs(milliseconds) >= 1<<53:
		return fmt.Errorf("%w: a sample is not a time and a value", errSyntax)
	case len(d.points) >= maxPoints:
		return fmt.Errorf("%w: a series has too many samples", errSyntax)
	case !math.IsNaN(v):
		d.points = append(d.points, point{int64(milliseconds), v})
	}
	return nil
}

// object calls member with each name of the object that comes next, which is valid until member reads. null is an empty object.
func (d *responseReader) object(member func(name []byte) error) error {
	return d.each('{', '}', func() error {
		raw, err := d.ReadValue()
		if err != nil {
			return err
		}
		d.name, _ = jsontext.AppendUnquote(d.name[:0], raw)
		return member(d.name)
	})
}

// list calls element for each element of the list that comes next. null is an empty list.
func (d *responseReader) list(element func() error) error { return d.each('[', ']', element) }

func (d *responseReader) each(begin, end jsontext.Kind, read func() error) error {
	token, err := d.ReadToken()
	switch {
	case err != nil:
		return err
	case token.Kind() == 'n':
		return nil
	case token.Kind() != begin:
		return fmt.Errorf("%w: it has a value of another type than expected", errSyntax)
	}
	for d.PeekKind() != end {
		if err := read(); err != nil {
			return err
		}
	}
	_, err = d.ReadToken()
	return err
}

// text reads a string, of which it keeps the beginning.
func (d *responseReader) text() (string, error) {
	token, err := d.ReadToken()
	if err != nil || token.Kind() != '"' {
		return "", err
	}
	text := token.String()
	return text[:min(len(text), maxText)], nil
}
