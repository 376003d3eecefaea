package decode

import (
	"bytes"
	"context"
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Resource decodes the body of a kubelet's /metrics/resource, in the Prometheus text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
//
// The caller bounds the body, keeps it, and may not change it meanwhile. The result has no pod UIDs, no start time of the
// node and no rates, because the format has none; a body without a single pod is valid. A line that cannot be parsed is
// passed over and counted as sample.Malformed, up to a hundred of them; so is, under reasons of its own, what is beyond a bound.
//
// The error wraps ErrKubelet, ErrTruncated, ErrSyntax, ErrTooMany or ErrEmpty.
func Resource(body []byte) (sample.Node, error) {
	if err := checkLines(body); err != nil {
		return sample.Node{}, err
	}
	read, err := readResource(context.Background(), body, map[string]string{}, Everything{}, sample.AllResources)
	if err != nil {
		return sample.Node{}, err
	}
	return read.result(), nil
}

// readResource reads a body whose containers are not known. Names that are in names are taken from there.
// The caller has checked how many lines it has. It ends early, with the context's cause, where the context does.
func readResource(ctx context.Context, body []byte, names map[string]string, filter Filter, wanted sample.ResourceSet) (*resourceReader, error) {
	lines, rejected := wantedLines(body, wanted)
	switch whole := bytes.HasSuffix(body, []byte("\n")); {
	case !whole && (len(lines) > 0 || bytes.HasPrefix(body, []byte("#"))):
		last := body[bytes.LastIndexByte(body, '\n')+1:]
		return nil, fmt.Errorf("%w: the last line, which begins %q, has no end", ErrTruncated, beginning(last))
	case len(lines) == 0:
		return nil, fmt.Errorf("%w: it begins %q", ErrEmpty, beginning(body))
	}
	if err := checkSeries(lines); err != nil {
		return nil, err
	}
	d := newResourceReader(lines, names, filter, wanted)
	d.rejected = rejected
	for taken := 0; d.series.next(); taken++ {
		if taken%linesPerCheck == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		d.readSeries()
	}
	if err := d.series.err(); err != nil {
		return nil, err
	}
	if d.failed() {
		return nil, ErrKubelet
	}
	return d, nil
}

// linesPerCheck is after how many series a reader asks whether to go on: about a millisecond's work.
const linesPerCheck = 1024

// resourceReader holds what has been read of one body.
type resourceReader struct {
	*sampleBuilder
	series *seriesReader
	// nodeSubject is the node, and subjects are the containers, by their index in the sampleBuilder.
	nodeSubject subject
	subjects    []subject
	// expected is the container that the next series is likely to be of: kubelets list every metric's containers in one order.
	expected int
	// repeats are the readings of a kind that their subject had before, in the order of the body.
	repeats  []repeat
	set      seriesSet
	health   health
	rejected sample.Rejections
}

func newResourceReader(lines []byte, names map[string]string, filter Filter, wanted sample.ResourceSet) *resourceReader {
	// A container has four series, on a kubelet of today.
	containers := min(bytes.Count(lines, []byte("\n"))/4, maxPrealloc)
	return &resourceReader{
		sampleBuilder: newBuilder(containers/2, containers, names, filter),
		series:        newSeriesReader(lines, wanted),
		nodeSubject:   newSubject(nil),
		subjects:      make([]subject, 0, containers),
	}
}

// subject is what series speak of.
type subject struct {
	usage sample.Usage
	// seen are the kinds that came, whether or not their reading was taken.
	seen [kinds]bool
	// labelText is how the first series named the container.
	labelText []byte
	// first and last are the indexes of its repeats; none where there are none. again counts them by kind.
	first, last int
	again       [kinds]uint8
}

const none = -1

func newSubject(labelText []byte) subject {
	return subject{labelText: labelText, first: none, last: none}
}

// repeat is one more reading of a subject.
type repeat struct {
	kind    kind
	reading sample.Reading
	// next is the index of the subject's next repeat; none after the last.
	next int
}

// health has the values of the gauges by which a kubelet reports errors.
type health struct{ seen, failed, oldSeen, oldFailed bool }

func (d *resourceReader) failed() bool {
	return d.health.failed || !d.health.seen && d.health.oldFailed
}

// readSeries reads the current series.
func (d *resourceReader) readSeries() {
	s := d.series
	switch s.metric.scope {
	case healthScope:
		d.health.seen = true
		d.health.failed = d.health.failed || s.value != 0
	case oldHealthScope:
		d.health.oldSeen = true
		d.health.oldFailed = d.health.oldFailed || s.value != 0
	case nodeScope:
		d.put(&d.nodeSubject)
	case containerScope:
		if at, ok := d.containerOfSeries(); ok {
			d.expected = at + 1
			if !d.containers[at].unexpected {
				d.put(&d.subjects[at])
			}
		}
	}
}

// put gives the reading of the current series to its subject.
func (d *resourceReader) put(to *subject) {
	k := d.series.metric.kind
	r, reason := readingOfKind(k, d.series.value, d.series.time)
	d.rejected.Add(reason)
	if to.seen[k] {
		d.putRepeat(to, repeat{k, r, none})
		return
	}
	to.seen[k] = true
	set(&to.usage, k, r)
}

// putRepeat keeps a reading of a kind that the subject has already.
func (d *resourceReader) putRepeat(to *subject, r repeat) {
	if to.again[r.kind] >= maxRepeats {
		d.rejected.Add(sample.TooMany)
		return
	}
	to.again[r.kind]++
	at := len(d.repeats)
	d.repeats = append(d.repeats, r)
	if to.first == none {
		to.first = at
	} else {
		d.repeats[to.last].next = at
	}
	to.last = at
}

// containerOfSeries returns the index of the container that the current series is of; false if it is of none.
func (d *resourceReader) containerOfSeries() (int, bool) {
	// The same text means the same labels; this spares building them for all metrics of a container but one.
	if d.expected < len(d.subjects) && bytes.Equal(d.subjects[d.expected].labelText, d.series.labelText) {
		return d.expected, true
	}
	of, rest, usual := cutKubeletLabels(d.series.labelText)
	if !usual || len(rest) > 0 {
		of = d.series.parsedLabels()
	}
	if of.container != nil && !isContainer(string(of.container)) {
		return 0, false
	}
	at, reason := 0, sample.Malformed
	if len(of.namespace) > 0 && len(of.pod) > 0 && len(of.container) > 0 {
		at, reason = d.containerOf(of)
	}
	if reason != sample.Accepted {
		d.rejected.Add(reason)
		return 0, false
	}
	if at == len(d.subjects) {
		d.subjects = append(d.subjects, newSubject(d.series.labelText))
	}
	return at, true
}

// result is the sample; only the order of the containers is of use afterwards.
func (d *resourceReader) result() sample.Node {
	d.resolveRepeats()
	for i := range d.subjects {
		d.containers[i].Usage = d.subjects[i].usage
	}
	d.rejected[sample.Malformed] += uint32(d.series.bad)
	return sample.Node{Usage: d.nodeSubject.usage, Pods: d.build(), Unexpected: d.unexpected, Rejected: d.rejected}
}

// resolveRepeats decides for each subject that was reported more than once.
func (d *resourceReader) resolveRepeats() {
	if len(d.repeats) == 0 {
		return
	}
	d.resolve(&d.nodeSubject)
	for i := range d.subjects {
		d.resolve(&d.subjects[i])
	}
}

func (d *resourceReader) resolve(s *subject) {
	if s.first == none {
		return
	}
	s.addTo(&d.set)
	for at := s.first; at != none; at = d.repeats[at].next {
		r := &d.repeats[at]
		d.set[r.kind] = append(d.set[r.kind], r.reading)
	}
	s.usage = d.set.newestInstance(&d.rejected)
}

// addTo makes all the first readings of each kind.
func (s *subject) addTo(all *seriesSet) {
	u := s.usage
	first := [kinds]sample.Reading{cpu: u.CPU, memory: u.Memory, start: {Value: uint64(u.Start), Known: u.Start != 0}}
	for _, x := range u.Extra {
		first[extra+kind(x.Resource)] = x.Reading
	}
	for k, seen := range s.seen {
		all[k] = all[k][:0]
		if seen {
			all[k] = append(all[k], first[k])
		}
	}
}
