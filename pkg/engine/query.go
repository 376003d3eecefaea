package engine

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Endpoint is the endpoint of the kubelets whose series are read.
type Endpoint uint8

const (
	// Auto reads /metrics/resource where the engine has its series of a node, and cAdvisor's otherwise.
	Auto Endpoint = iota
	// Resource is /metrics/resource.
	Resource
	// CAdvisor is /metrics/cadvisor.
	CAdvisor
)

// String returns the value of the option endpoint.
func (e Endpoint) String() string {
	return [...]string{Auto: "auto", Resource: "resource", CAdvisor: "cadvisor"}[e]
}

// Labels are the names of the labels by which series name their subject.
type Labels struct{ Node, Namespace, Pod, Container string }

// Selection is which series are read of a node.
type Selection struct {
	Labels Labels
	// Matchers are further matchers, in the notation of PromQL and joined by commas; empty for none.
	Matchers string
	// Window is how far back samples are read.
	Window time.Duration
	// Replica are the labels that distinguish copies of one series, as those of a pair of Prometheis. A label is a copy's where all else is equal.
	Replica []string
}

const (
	// maxQuery bounds the text of a query in bytes: the least that an engine accepts, VictoriaMetrics, is 16 KiB.
	maxQuery = 15 << 10

	containerNames = "container_cpu_usage_seconds_total|container_memory_working_set_bytes"
	startName      = "container_start_time_seconds"
	nodeNames      = "node_cpu_usage_seconds_total|node_memory_working_set_bytes"
	// upName is the engine's own series of a target: whether the last scrape of it succeeded, at the time of each scrape.
	upName = "up"
)

// extent is how much is read of the series of some nodes.
type extent struct {
	// window is how far back samples are read.
	window time.Duration
	// startedAfter leaves out the start times of containers that were started before; none are left out where it is zero.
	startedAfter time.Time
}

// queries are the queries that together read the series of some nodes. There are several where one would be too long, for cAdvisor, whose own
// node is a container, and where start times are left out.
func (s *Selection) queries(nodes []string, e Endpoint, of extent) (queries []string) {
	containers, self := s.matchers(e)
	names := containerNames
	if of.startedAfter.IsZero() {
		names += "|" + startName
	}
	for _, nodes := range s.split(nodes) {
		if self == nil {
			queries = append(queries, s.samples(nodes, names+"|"+nodeNames+"|"+upName, of.window, containers))
		} else {
			queries = append(queries, s.samples(nodes, names, of.window, containers), s.samples(nodes, names+"|"+upName, of.window, self))
		}
		if !of.startedAfter.IsZero() {
			queries = append(queries, fmt.Sprintf("%s > %d", s.selector(nodes, startName, containers), of.startedAfter.Unix()))
		}
	}
	return queries
}

// matchers select the containers of an endpoint, and where they do not select the node itself, self selects it.
func (s *Selection) matchers(e Endpoint) (containers, self []string) {
	empty := strconv.Quote("")
	switch e {
	case Resource:
		return []string{`id=""`}, nil
	case CAdvisor:
		return []string{`id!=""`, s.Labels.Container + "!=" + empty, s.Labels.Container + `!="POD"`}, []string{`id=~"/?"`, s.Labels.Container + "=" + empty}
	}
	return nil, nil
}

// samples is a range selector: of each series that it selects an engine returns the samples within the window.
func (s *Selection) samples(nodes, names string, window time.Duration, more []string) string {
	return fmt.Sprintf("%s[%dms]", s.selector(nodes, names, more), window.Milliseconds())
}

func (s *Selection) selector(nodes, names string, more []string) string {
	matchers := append([]string{`__name__=~"` + names + `"`, s.Labels.Node + `=~` + nodes}, more...)
	if s.Matchers != "" {
		matchers = append(matchers, s.Matchers)
	}
	return "{" + strings.Join(matchers, ",") + "}"
}

// split joins the names of nodes to regular expressions, as quoted strings, that are short enough for a query.
func (s *Selection) split(nodes []string) (quoted []string) {
	const rest = 1 << 10 // for all but the names of nodes and Matchers
	limit := max(maxQuery-rest-len(s.Matchers), rest)
	joined := ""
	for _, n := range nodes {
		name := strconv.Quote(regexp.QuoteMeta(n))
		name = name[1 : len(name)-1]
		switch {
		case joined == "":
			joined = name
		case len(joined)+len(name) > limit:
			quoted, joined = append(quoted, `"`+joined+`"`), name
		default:
			joined += "|" + name
		}
	}
	if joined != "" {
		quoted = append(quoted, `"`+joined+`"`)
	}
	return quoted
}
