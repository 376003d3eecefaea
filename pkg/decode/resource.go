package decode

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Resource decodes the body of a kubelet's /metrics/resource, in the Prometheus text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/).
//
// The caller bounds the body, keeps it, and may not change it meanwhile. The result has no pod UIDs, no start time of the
// node and no rates, because the format has none; an answer without a single pod is valid. A line that cannot be parsed is
// passed over and counted as sample.Malformed, up to a hundred of them.
//
// The error wraps ErrKubelet, ErrTruncated, ErrSyntax or ErrEmpty.
func Resource(body []byte) (sample.Node, error) {
	read, err := readResource(body, map[string]string{})
	if err != nil {
		return sample.Node{}, err
	}
	return read.node(), nil
}

// readResource reads a body whose containers are not known. Names that are in names are taken from there.
func readResource(body []byte, names map[string]string) (*resourceReader, error) {
	lines := wantedLines(body)
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
	d := newResourceReader(lines, names)
	for d.series.next() {
		d.take()
	}
	if err := d.series.err(); err != nil {
		return nil, err
	}
	if d.failed() {
		return nil, ErrKubelet
	}
	return d, nil
}

// resourceReader holds what has been read of one body.
type resourceReader struct {
	*assembly
	series *seriesReader
	// ofNode is the node, and subjects are the containers, by their index in the assembly.
	ofNode   subject
	subjects []subject
	// expected is the container that the next series is likely to be of: kubelets list every metric's containers in one order.
	expected int
	// repeats are the readings of a kind that their subject had before, in the order of the body.
	repeats  []repeat
	health   health
	rejected sample.Rejections
}

func newResourceReader(lines []byte, names map[string]string) *resourceReader {
	// A container has four series, on a kubelet of today.
	containers := bytes.Count(lines, []byte("\n")) / 4
	return &resourceReader{
		assembly: newAssembly(containers/2, containers, names),
		series:   newSeriesReader(lines),
		subjects: make([]subject, 0, containers),
	}
}

// subject is what series speak of.
type subject struct {
	usage sample.Usage
	// seen are the kinds that came, whether or not their reading was taken.
	seen [kinds]bool
	// labelText is how the first series named the container.
	labelText []byte
}

// theNode is the owner of a node's repeats.
const theNode = -1

type repeat struct {
	// owner is the index of a container, or theNode.
	owner   int
	kind    kind
	reading sample.Reading
}

// health is what the gauges by which a kubelet reports errors said.
type health struct{ seen, failed, oldFailed bool }

func (d *resourceReader) failed() bool {
	return d.health.failed || !d.health.seen && d.health.oldFailed
}

// take takes in the current series.
func (d *resourceReader) take() {
	s := d.series
	switch s.metric.scope {
	case ofHealth:
		d.health.seen = true
		d.health.failed = d.health.failed || s.value != 0
	case ofOldHealth:
		d.health.oldFailed = d.health.oldFailed || s.value != 0
	case ofNode:
		d.put(theNode, &d.ofNode)
	case ofContainer:
		if at, ok := d.containerOfSeries(); ok {
			d.put(at, &d.subjects[at])
			d.expected = at + 1
		}
	}
}

// put gives the reading of the current series to its subject.
func (d *resourceReader) put(owner int, to *subject) {
	k := d.series.metric.kind
	r, reason := readingOfKind(k, d.series.value, d.series.time)
	d.rejected.Add(reason)
	if to.seen[k] {
		d.repeats = append(d.repeats, repeat{owner, k, r})
		return
	}
	to.seen[k] = true
	set(&to.usage, k, r)
}

// containerOfSeries returns the index of the container that the current series is of; false if it is of none.
func (d *resourceReader) containerOfSeries() (int, bool) {
	// The same text means the same labels; this spares building them for all metrics of a container but one.
	if d.expected < len(d.subjects) && bytes.Equal(d.subjects[d.expected].labelText, d.series.labelText) {
		return d.expected, true
	}
	set := d.series.labels()
	name := set.Get("container")
	if set.Has("container") && !isContainer(name) {
		return 0, false
	}
	namespace, podName := set.Get("namespace"), set.Get("pod")
	if _, twice := set.HasDuplicateLabelNames(); twice || namespace == "" || podName == "" || name == "" {
		d.rejected.Add(sample.Malformed)
		return 0, false
	}
	pod, _ := d.pod(namespace, podName)
	at, isNew := d.container(pod, name)
	if isNew {
		d.subjects = append(d.subjects, subject{labelText: d.series.labelText})
	}
	return at, true
}

// node is the result; only the order of the containers is of use afterwards.
func (d *resourceReader) node() sample.Node {
	d.settleRepeats()
	for i, s := range d.subjects {
		d.containers[i].Usage = s.usage
	}
	d.rejected[sample.Malformed] += uint32(d.series.bad)
	return sample.Node{Usage: d.ofNode.usage, Pods: d.done(), Rejected: d.rejected}
}

// settleRepeats decides for each subject that was reported more than once.
func (d *resourceReader) settleRepeats() {
	slices.SortStableFunc(d.repeats, func(a, b repeat) int { return a.owner - b.owner })
	for rest := d.repeats; len(rest) > 0; {
		owner := rest[0].owner
		s := &d.ofNode
		if owner != theNode {
			s = &d.subjects[owner]
		}
		all := s.series()
		for len(rest) > 0 && rest[0].owner == owner {
			all[rest[0].kind] = append(all[rest[0].kind], rest[0].reading)
			rest = rest[1:]
		}
		s.usage = all.newestLife(&d.rejected)
	}
}

// series are the first readings of each kind.
func (s *subject) series() (all seriesSet) {
	u := s.usage
	first := [kinds]sample.Reading{cpu: u.CPU, memory: u.Memory, swap: u.Swap, start: {Value: uint64(u.Start), Known: u.Start != 0}}
	for k, seen := range s.seen {
		if seen {
			all[k] = []sample.Reading{first[k]}
		}
	}
	return all
}
