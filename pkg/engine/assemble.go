package engine

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// metricKind is which number of a container or a node a series has.
type metricKind uint8

const (
	cpuMetric metricKind = iota
	memoryMetric
	startMetric
	metricKinds
)

// subject is a container, or with empty names the node itself. ID is cAdvisor's: each instance of a container has its own; empty at /metrics/resource.
type subject struct{ namespace, pod, container, id string }

// isNode is true for the node itself.
func (s subject) isNode() bool { return s.container == "" }

// subjectPoints are the samples of one subject, oldest first, by kind.
type subjectPoints [metricKinds][]point

// nodeSeries are copies of the series of one node.
type nodeSeries struct {
	copies []*seriesCopy
	// subjects counts those of all copies.
	subjects int
	// excess is the error of a node of which there is more than is kept: the rest is left out, and nothing is read.
	excess error
	// up are the engine's own samples of targets, by their further labels.
	up map[copyLabels][]point
}

// copyLabels are the further labels, each NAME=VALUE on a line of its own, in order. Those of replicas are apart.
type copyLabels struct{ labels, replica string }

// seriesCopy are the series that one scrape of a node gives: those with the same further labels, such as job and instance.
type seriesCopy struct {
	copyLabels
	endpoint Endpoint
	subjects map[subject]*subjectPoints
	// containers are the subjects but the node, in the order of the response.
	containers []subject
}

// maxCopies bounds the copies that are kept of one node, maxTargets the targets whose up is, and maxSubjects the subjects: 500 pods of four containers are
// half of these, and each takes some 400 bytes, several times what an engine sends of it.
const maxCopies, maxTargets, maxSubjects = 16, 64, 4096

// assembler sorts the series of a shard's responses by node, copy and subject. Its memory is that of the samples of the nodes that were asked for.
type assembler struct {
	selection *Selection
	nodes     map[string]*nodeSeries
	texts     map[string]string
	further   []label
	key       []byte
}

func newAssembler(s *Selection, nodes []string) *assembler {
	a := &assembler{selection: s, nodes: make(map[string]*nodeSeries, len(nodes)), texts: map[string]string{}}
	for _, n := range nodes {
		a.nodes[n] = &nodeSeries{up: map[copyLabels][]point{}}
	}
	return a
}

// text returns a string of the bytes. Equal ones share memory.
func (a *assembler) text(b []byte) string {
	if known, ok := a.texts[string(b)]; ok {
		return known
	}
	text := string(b)
	a.texts[text] = text
	return text
}

// named are the labels of one series that say what the series is of.
type named struct {
	name, node, namespace, pod, container, id []byte
	// ofOneCPU is true where the series is of one CPU of several.
	ofOneCPU bool
}

// name sorts the labels of a series: those that say what it is of, and the further ones.
func (a *assembler) name(labels []label) (n named) {
	a.further = a.further[:0]
	l := &a.selection.Labels
	for _, of := range labels {
		switch string(of.name) {
		case "__name__":
			n.name = of.value
		case l.Node:
			n.node = of.value
		case l.Namespace:
			n.namespace = of.value
		case l.Pod:
			n.pod = of.value
		case l.Container:
			n.container = of.value
		case "id":
			n.id = of.value
		case "cpu":
			n.ofOneCPU = string(of.value) != "total"
		default:
			if !isOfContainer(of.name) {
				a.further = append(a.further, of)
			}
		}
	}
	return n
}

// isOfContainer is true for a label that cAdvisor gives each container a value of its own.
func isOfContainer(name []byte) bool {
	switch string(name) {
	case "name", "image":
		return true
	}
	return bytes.HasPrefix(name, []byte("container_label_")) || bytes.HasPrefix(name, []byte("container_env_"))
}

// add takes one series.
func (a *assembler) add(labels []label, points []point) {
	of := a.name(labels)
	n := a.nodes[string(of.node)]
	if n == nil || n.excess != nil || len(points) == 0 || of.ofOneCPU {
		return
	}
	if string(of.name) == upName {
		if len(n.up) < maxTargets {
			n.up[a.copyLabels()] = slices.Clone(points)
		}
		return
	}
	kind, ofNode, ok := kindOf(of.name)
	switch {
	case !ok:
	case ofNode, string(of.id) == "/":
		a.put(n, endpointOf(of.id), subject{}, kind, points)
	case len(of.container) > 0 && string(of.container) != "POD" && len(of.pod) > 0 && len(of.namespace) > 0:
		a.put(n, endpointOf(of.id), subject{a.text(of.namespace), a.text(of.pod), a.text(of.container), a.text(of.id)}, kind, points)
	}
}

func endpointOf(id []byte) Endpoint {
	if len(id) > 0 {
		return CAdvisor
	}
	return Resource
}

func kindOf(name []byte) (kind metricKind, ofNode, ok bool) {
	switch string(name) {
	case "container_cpu_usage_seconds_total":
		return cpuMetric, false, true
	case "container_memory_working_set_bytes":
		return memoryMetric, false, true
	case "container_start_time_seconds":
		return startMetric, false, true
	case "node_cpu_usage_seconds_total":
		return cpuMetric, true, true
	case "node_memory_working_set_bytes":
		return memoryMetric, true, true
	}
	return 0, false, false
}

// put adds the samples to a subject of the copy that has the further labels. Where two series have the same subject, the newest is kept: cAdvisor's
// name or image has changed.
func (a *assembler) put(n *nodeSeries, e Endpoint, s subject, kind metricKind, points []point) {
	c := a.copyOf(n, e)
	if c == nil {
		return
	}
	to := c.subjects[s]
	if to == nil {
		if n.subjects++; n.subjects > maxSubjects {
			n.excess = fmt.Errorf("%w: more than %d containers of a node", errTooLarge, maxSubjects)
			return
		}
		to = &subjectPoints{}
		c.subjects[s] = to
		if !s.isNode() {
			c.containers = append(c.containers, s)
		}
	}
	if before := to[kind]; len(before) == 0 || before[len(before)-1].time < points[len(points)-1].time {
		to[kind] = slices.Clone(points)
	}
}

// copyOf returns the copy of the further labels, which it makes where there is none; nil where there are too many.
func (a *assembler) copyOf(n *nodeSeries, e Endpoint) *seriesCopy {
	labels := a.copyLabels()
	for _, c := range n.copies {
		if c.endpoint == e && c.copyLabels == labels {
			return c
		}
	}
	if len(n.copies) >= maxCopies {
		n.excess = fmt.Errorf("%w, more than %d", errAmbiguous, maxCopies)
		return nil
	}
	c := &seriesCopy{copyLabels: labels, endpoint: e, subjects: map[subject]*subjectPoints{}}
	n.copies = append(n.copies, c)
	return c
}

func (a *assembler) copyLabels() copyLabels {
	slices.SortFunc(a.further, func(x, y label) int { return bytes.Compare(x.name, y.name) })
	return copyLabels{a.joined(false), a.joined(true)}
}

// joined are the further labels that distinguish replicas, or the others.
func (a *assembler) joined(replica bool) string {
	a.key = a.key[:0]
	for _, l := range a.further {
		if slices.Contains(a.selection.Replica, string(l.name)) == replica {
			a.key = append(append(append(append(a.key, l.name...), '='), l.value...), '\n')
		}
	}
	return a.text(a.key)
}

// split returns the labels of a copy, in order.
func split(labels string) []string { return strings.Split(strings.TrimSuffix(labels, "\n"), "\n") }
