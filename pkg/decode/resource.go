package decode

import (
	"bytes"
	"context"
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// readResource reads a body whose containers are not known, whose lines the caller has counted. A name that is in n is not copied. Where the
// context ends it ends early, with the context's cause.
func readResource(ctx context.Context, body []byte, n names, filter Filter, wanted sample.ResourceSet) (*resourceReader, error) {
	lines, rejected := wantedLines(body, wanted)
	switch whole := bytes.HasSuffix(body, []byte("\n")); {
	case !whole && (len(lines) > 0 || bytes.HasPrefix(body, []byte("#"))):
		last := body[bytes.LastIndexByte(body, '\n')+1:]
		return nil, fmt.Errorf("%w: the last line, which begins %q, has no end", ErrTruncated, beginning(last))
	case len(lines) == 0:
		return nil, fmt.Errorf("%w: it begins %q", ErrEmpty, beginning(body))
	}
	if err := checkLines(lines, "series", maxSeries); err != nil {
		return nil, err
	}
	// A container has four series, on a kubelet of today.
	containers := min(bytes.Count(lines, []byte("\n"))/4, maxPrealloc)
	d := &resourceReader{
		layoutBuilder: newLayoutBuilder(containers, n, filter),
		series:        newSeriesReader(lines, wanted),
		subjects:      make([]subject, 0, containers),
		rejected:      rejected,
	}
	for read := 0; d.series.next(); read++ {
		if read%linesPerCheck == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		d.readSeries()
	}
	if err := d.series.err(); err != nil {
		return nil, err
	}
	if d.health.failed || !d.health.seen && d.oldHealth.failed {
		return nil, ErrKubelet
	}
	return d, nil
}

// linesPerCheck is after how many series a reader checks whether its context ended: about a millisecond's work.
const linesPerCheck = 1024

// resourceReader holds what has been read of one body.
type resourceReader struct {
	*layoutBuilder
	series *seriesReader
	// node is the subject that is the node, and subjects are the containers, by the index of their entry.
	node     subject
	subjects []subject
	// expected is the container that the next series is likely to be of: kubelets list every metric's containers in one order.
	expected  int
	health    gauge
	oldHealth gauge
	rejected  sample.Rejections
}

// subject is the node or a container that series are of.
type subject struct {
	usage sample.Usage
	// seen are the kinds that came, whether or not their reading was accepted.
	seen [kinds]bool
	// labelText is how the first series named the container.
	labelText []byte
	// repeats are the further readings of a kind, in the order of the body; nil where there are none.
	repeats *seriesSet
}

// gauge is one of the two by which a kubelet reports that its collection failed, under today's name and the old one.
type gauge struct{ seen, failed bool }

func (g *gauge) read(value float64) { g.seen, g.failed = true, g.failed || value != 0 }

// readSeries reads the current series.
func (d *resourceReader) readSeries() {
	s := d.series
	switch s.metric.scope {
	case healthScope:
		d.health.read(s.value)
	case oldHealthScope:
		d.oldHealth.read(s.value)
	case nodeScope:
		d.put(&d.node)
	case containerScope:
		if at, ok := d.containerOfSeries(); ok {
			d.expected = at + 1
			if d.entries[at].at != none {
				d.put(&d.subjects[at])
			}
		}
	}
}

// put gives the reading of the current series to its subject.
func (d *resourceReader) put(to *subject) {
	k := d.series.metric.kind
	r, rejection := readingOfKind(k, d.series.value, d.series.time)
	d.rejected.Add(rejection)
	switch {
	case !to.seen[k]:
		to.seen[k] = true
		set(&to.usage, k, r)
	case !to.repeat(k, r):
		d.rejected.Add(sample.TooMany)
	}
}

// repeat keeps a reading of a kind that the subject has already. It is false where there are too many.
func (s *subject) repeat(k kind, r sample.Reading) bool {
	if s.repeats == nil {
		s.repeats = &seriesSet{}
	}
	if len(s.repeats[k]) >= maxRepeats {
		return false
	}
	s.repeats[k] = append(s.repeats[k], r)
	return true
}

// containerOfSeries returns the index of the container that the current series is of; false if it is of none.
func (d *resourceReader) containerOfSeries() (int, bool) {
	// The same text means the same labels; this spares building them for all metrics of a container but one.
	if d.expected < len(d.subjects) && bytes.Equal(d.subjects[d.expected].labelText, d.series.labelText) {
		return d.expected, true
	}
	of, usual := cutKubeletLabels(d.series.labelText)
	if !usual {
		of = d.series.parsedLabels()
	}
	if of.container != nil && !isContainer(of.container) {
		return 0, false
	}
	at, rejection := 0, sample.Malformed
	if of.container != nil {
		at, rejection = d.container(of)
	}
	if rejection != sample.NotRejected {
		d.rejected.Add(rejection)
		return 0, false
	}
	if at == len(d.subjects) {
		d.subjects = append(d.subjects, subject{labelText: d.series.labelText})
	}
	return at, true
}

// fill makes n the sample of the body.
func (d *resourceReader) fill(n *sample.Node) {
	d.prepare(n)
	n.Usage = d.node.resolved(&d.rejected)
	for i := range d.subjects {
		if d.entries[i].at != none {
			*d.usage(n, i) = d.subjects[i].resolved(&d.rejected)
		}
	}
	d.rejected[sample.Malformed] += uint32(d.series.bad)
	n.Rejected = d.rejected
}

// resolved returns the usage of the subject: that of its newest instance where it was reported more than once.
func (s *subject) resolved(rejected *sample.Rejections) sample.Usage {
	if s.repeats == nil {
		return s.usage
	}
	first := [kinds]sample.Reading{cpu: s.usage.CPU, memory: s.usage.Memory, start: {Value: uint64(s.usage.Start), Known: s.usage.Start != 0}}
	for _, x := range s.usage.Extra {
		first[firstExtra+kind(x.Resource)] = x.Reading
	}
	var all seriesSet
	for k := range all {
		all[k] = append([]sample.Reading{first[k]}, s.repeats[k]...) // One that was not seen is not Known.
	}
	return all.newestInstance(rejected)
}
