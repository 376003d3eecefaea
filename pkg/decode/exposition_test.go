package decode

import (
	"bytes"
	"math"
	"regexp"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// quotedName is a metric name in quotes and braces, which came after version 0.0.4 of the format.
var quotedName = regexp.MustCompile(`(?m)^[ \t]*\{|\{[ \t]*"|,[ \t]*"`)

// place is where a reading belongs; the names are empty for the node.
type place struct{ metric, namespace, pod, container string }

// readings are all readings of a sample that the text format can contain.
func readings(n sample.Node) map[place]sample.Reading {
	all := map[place]sample.Reading{}
	add := func(of, namespace, pod, container string, u sample.Usage) {
		for name, r := range map[string]sample.Reading{
			"cpu_usage_seconds_total":  u.CPU,
			"memory_working_set_bytes": u.Memory,
			"swap_usage_bytes":         u.Extra.Get(sample.Swap),
			"start_time_seconds":       {Value: uint64(u.Start), Known: u.Start != 0},
		} {
			if r.Known {
				all[place{of + name, namespace, pod, container}] = r
			}
		}
	}
	add("node_", "", "", "", n.Usage)
	for _, p := range n.Pods {
		for _, c := range p.Containers {
			add("container_", p.Namespace, p.Name, c.Name, c.Usage)
		}
	}
	return all
}

// expositionReadings is a second way to read the text format. It has no rule for two instances: it returns false for a
// body that has a series twice, as it is for one that does not conform.
func expositionReadings(body []byte) (map[place]sample.Reading, bool) {
	if quotedName.Match(body) {
		return nil, false
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		return nil, false
	}
	all := map[place]sample.Reading{}
	seen := map[place]bool{}
	for name, family := range families {
		m := metricNamed([]byte(name), sample.AllResources)
		if m.scope != nodeScope && m.scope != containerScope {
			continue
		}
		for _, series := range family.Metric {
			at := place{metric: name}
			if m.scope == containerScope {
				at = placeOf(name, series)
			}
			if seen[at] || family.GetType() == dto.MetricType_HISTOGRAM || family.GetType() == dto.MetricType_SUMMARY {
				return nil, false
			}
			seen[at] = true
			if r, ok := expectedReading(m.kind, series); ok && (m.scope == nodeScope || isContainer([]byte(at.container))) {
				all[at] = r
			}
		}
	}
	return all, true
}

func placeOf(name string, series *dto.Metric) place {
	at := place{metric: name}
	for _, l := range series.Label {
		switch l.GetName() {
		case "namespace":
			at.namespace = l.GetValue()
		case "pod":
			at.pod = l.GetValue()
		case "container":
			at.container = l.GetValue()
		}
	}
	return at
}

// expectedReading is the reading that a series must give; false if it must give none.
func expectedReading(k kind, series *dto.Metric) (sample.Reading, bool) {
	value := series.GetGauge().GetValue() + series.GetCounter().GetValue() + series.GetUntyped().GetValue()
	if k == cpu || k == start {
		value *= 1e9
	}
	value = math.Round(value)
	if !(value >= 0 && value < 1<<63) || k == start && value <= 1e18 {
		return sample.Reading{}, false
	}
	r := sample.Reading{Value: uint64(value), Known: true}
	if series.TimestampMs == nil || k == start {
		return r, true
	}
	ms := series.GetTimestampMs()
	r.Time = ms * 1e6
	return r, ms > 0 && ms <= math.MaxInt64/1_000_000
}
