package decode

import (
	"bytes"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// read makes n the sample of a body that names the containers of the layout, all of them and no more, in the order of the layout, written as
// kubelets write. It returns ok = false for every other body, which the full parser then reads. ended is true where the body had the gauge
// that ends a kubelet's response.
func (l *layout) read(body []byte, n *sample.Node, filter Filter, wanted sample.ResourceSet) (ended, ok bool) {
	if !l.isValid(filter) {
		return false, false
	}
	l.prepare(n)
	r := fastReader{layout: l, node: n, wanted: wanted}
	for len(body) > 0 {
		end := bytes.IndexByte(body, '\n')
		if end < 0 || !r.line(body[:end]) {
			return false, false
		}
		body = body[end+1:]
	}
	return r.ended, r.named == len(l.entries) && r.series > 0
}

// fastReader is the position of the fast path in a body.
type fastReader struct {
	layout *layout
	node   *sample.Node
	// wanted are the extra resources that are read.
	wanted sample.ResourceSet

	// name is the metric of the latest line, metric what it means, and done which metrics have had their lines.
	name   []byte
	metric metric
	done   [2][kinds]bool
	// next is the first entry that the current metric may name, named how many the body has named in all.
	next, named int
	// series counts the lines that hold a wanted metric.
	series int
	// ended is true once the gauge has come that kubelets end with.
	ended bool
}

// line reads one line. It is false for one that is not as expected.
func (r *fastReader) line(line []byte) bool {
	if len(line) == 0 || line[0] == '#' {
		return true
	}
	if !r.sameMetric(line) && !r.begin(line) {
		return false
	}
	rest := line[len(r.name):]
	switch r.metric.scope {
	case nothing:
		return true
	case containerScope:
		return r.count() && r.container(rest)
	case nodeScope:
		return r.count() && r.readNode(rest)
	default:
		// A kubelet that failed, or gives more than its word, is rare.
		r.ended = true
		return r.count() && string(rest) == " 0"
	}
}

func (r *fastReader) count() bool {
	r.series++
	return r.series <= maxSeries
}

func (r *fastReader) sameMetric(line []byte) bool {
	return len(r.name) > 0 && bytes.HasPrefix(line, r.name) && len(line) > len(r.name) && !isNameByte(line[len(r.name)])
}

// begin reads the first line of a metric. A metric that comes back may have a series twice.
func (r *fastReader) begin(line []byte) bool {
	r.name = nameOf(line)
	r.metric, r.next = metricNamed(r.name, r.wanted), 0
	switch r.metric.scope {
	case nothing:
		// What stands behind spaces may yet be a metric.
		return line[0] != ' ' && line[0] != '\t'
	case nodeScope, containerScope:
		done := &r.done[r.metric.scope-nodeScope][r.metric.kind]
		again := *done
		*done = true
		return !again
	}
	return true
}

// container reads what follows the name in a series of a container. Within a metric the containers come in the layout's order; one may
// be missing, but the body as a whole names each for the first time in that order too.
func (r *fastReader) container(rest []byte) bool {
	for i := r.next; i < len(r.layout.entries) && i <= r.named; i++ {
		after, ok := r.layout.after(rest, i)
		if !ok {
			continue
		}
		r.next, r.named = i+1, max(r.named, i+1)
		if r.layout.entries[i].at == none {
			return true
		}
		return r.readValue(after, r.layout.usage(r.node, i))
	}
	return false
}

// after is what follows the labels of an entry; false where the labels are different.
func (l *layout) after(text []byte, i int) ([]byte, bool) {
	e := &l.entries[i]
	pod := &l.pods[e.pod]
	for _, part := range [...]string{`{container="`, e.name, `",namespace="`, pod.namespace, `",pod="`, pod.name, `"} `} {
		if len(text) < len(part) || string(text[:len(part)]) != part {
			return nil, false
		}
		text = text[len(part):]
	}
	return text, true
}

// readNode reads what follows the name in a series of the node, of which there is one.
func (r *fastReader) readNode(rest []byte) bool {
	if r.next > 0 || len(rest) == 0 || rest[0] != ' ' {
		return false
	}
	r.next++
	return r.readValue(rest[1:], &r.node.Usage)
}

// readValue reads the value and the time of a series into a usage.
func (r *fastReader) readValue(text []byte, u *sample.Usage) bool {
	value, milliseconds, timed, ok := valueAndTime(text)
	if !ok {
		return false
	}
	at := &milliseconds
	if !timed {
		at = nil
	}
	k := r.metric.kind
	reading, reason := readingOfKind(k, value, at)
	r.node.Rejected.Add(reason)
	set(u, k, reading)
	return true
}
