package decode

import (
	"bytes"
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// maxBadLines is how many lines that cannot be parsed are passed over before the whole body is given up.
const maxBadLines = 100

// seriesReader walks over the series of a text, as bufio.Scanner walks over lines. The parser that does the work stops at
// the first line that it cannot read; the reader passes over that line and goes on.
type seriesReader struct {
	// rest is lines of one series each: those after the current one.
	rest    []byte
	symbols *labels.SymbolTable
	// wanted are the extra resources whose metrics are recognized.
	wanted sample.ResourceSet
	// ahead parses the next piece of rest, of so many bytes; nil where it has to be made anew.
	ahead textparse.Parser
	piece int
	// current is the parser whose last entry is the current series.
	current textparse.Parser

	metric metric
	// labelText is what follows the name in the current series, as written.
	labelText []byte
	value     float64
	// time is in milliseconds since the Unix epoch; nil where the series has none.
	time *int64

	good, bad int
	firstBad  []byte
}

func newSeriesReader(text []byte, wanted sample.ResourceSet) *seriesReader {
	return &seriesReader{rest: text, symbols: labels.NewSymbolTable(), wanted: wanted}
}

// next moves to the next series that can be read; false at the end of the text.
func (r *seriesReader) next() bool {
	for len(r.rest) > 0 && r.bad <= maxBadLines {
		if r.ahead == nil {
			r.piece = pieceOf(r.rest)
			r.ahead = r.parser(r.rest[:r.piece])
		}
		end := bytes.IndexByte(r.rest, '\n')
		line := r.rest[:end]
		ok := r.read(r.ahead, line)
		r.rest = r.rest[end+1:]
		r.piece -= end + 1
		if !ok || r.piece == 0 {
			// The parser may have stopped anywhere, even lines further on, behind a quote that was left open.
			r.ahead = nil
		}
		if !ok {
			ok = r.readBeforeEpoch(line)
		}
		if ok {
			r.good++
			return true
		}
		if r.bad++; r.bad == 1 {
			r.firstBad = line
		}
	}
	return false
}

// maxPiece bounds what one parser is given, in bytes: a line that it cannot read may have it walk to the end of that.
const maxPiece = 64 << 10

// pieceOf is the length of so many lines of the text as one parser is given. No line is longer than that.
func pieceOf(text []byte) int {
	if len(text) <= maxPiece {
		return len(text)
	}
	return bytes.LastIndexByte(text[:maxPiece], '\n') + 1
}

// parser makes a parser of text that ends with a newline. The parser appends a newline to what it is given; here that
// rewrites the one that is there, and copies nothing.
func (r *seriesReader) parser(text []byte) textparse.Parser {
	return textparse.NewPromParser(text[:len(text)-1], r.symbols, false)
}

// read takes the next entry of p if it is a series that is all in the line.
func (r *seriesReader) read(p textparse.Parser, line []byte) bool {
	if entry, _ := p.Next(); entry != textparse.EntrySeries { // Nor is it one where there is an error.
		return false
	}
	series, time, value := p.Series()
	name := nameOf(line)
	if len(series) < len(name) || len(series) > len(line) {
		return false
	}
	r.current, r.metric, r.labelText = p, metricNamed(name, r.wanted), series[len(name):]
	r.value, r.time = value, time
	return true
}

// readBeforeEpoch reads a line whose timestamp is negative, which the format allows and the parser does not. Kubelets have
// sent the zero time that way (kubernetes/kubernetes#109679).
func (r *seriesReader) readBeforeEpoch(line []byte) bool {
	line = bytes.TrimRight(line, " \t")
	digits := len(bytes.TrimRight(line, "0123456789"))
	if digits == len(line) || !bytes.HasSuffix(line[:digits], []byte(" -")) && !bytes.HasSuffix(line[:digits], []byte("\t-")) {
		return false
	}
	without := append(bytes.Clone(line[:digits-1]), '\n')
	if !r.read(r.parser(without), without[:len(without)-1]) || r.time != nil {
		return false
	}
	before := int64(-1)
	r.time = &before
	return true
}

// parsedLabels returns the labels of the current series. One that is not there is nil, and all but the container are where one is there twice.
func (r *seriesReader) parsedLabels() (of containerLabels) {
	var set labels.Labels
	r.current.Labels(&set)
	if set.Has("container") {
		of.container = []byte(set.Get("container"))
	}
	if _, twice := set.HasDuplicateLabelNames(); !twice {
		of.namespace, of.pod = []byte(set.Get("namespace")), []byte(set.Get("pod"))
	}
	return of
}

// err is the reason why no series of the text may be used; nil where they may.
func (r *seriesReader) err() error {
	switch {
	case r.bad > maxBadLines:
		return fmt.Errorf("%w: more than %d lines are malformed, the first begins %q", ErrSyntax, maxBadLines, beginning(r.firstBad))
	case r.good == 0:
		return fmt.Errorf("%w: every line is malformed, the first begins %q", ErrSyntax, beginning(r.firstBad))
	}
	return nil
}
