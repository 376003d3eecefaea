package remotewrite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/prompb"

	"github.com/plimsoll/plimsoll/pkg/export"
)

type label = prompb.Label

// labelSet is the labels of each series in the order of their names, as receivers require.
type labelSet []slot

// slot is a label with a value of its own, or with one that is taken from a record.
type slot struct {
	name, value string
	from        func(r *export.Record) string
}

// newLabelSet returns the labels of series, with those of the configuration, and with the name of the cluster where a record has none.
func newLabelSet(cluster string, configured map[string]string) (labelSet, error) {
	set := labelSet{
		{name: model.MetricNameLabel},
		{name: "cluster", from: func(r *export.Record) string { return cmp.Or(r.Cluster, cluster) }},
		{name: "container", from: func(r *export.Record) string { return r.Container }},
		{name: "namespace", from: func(r *export.Record) string { return r.Namespace }},
		{name: "node", from: func(r *export.Record) string { return r.Node }},
		{name: "pod", from: func(r *export.Record) string { return r.Pod }},
	}
	own := len(set)
	for name, value := range configured {
		switch {
		case !model.LegacyValidation.IsValidLabelName(name) || strings.HasPrefix(name, model.ReservedLabelPrefix):
			return nil, fmt.Errorf("invalid label name %q: it has other characters than letters, digits and underscores, or begins with a digit or two underscores", name)
		case slices.ContainsFunc(set[:own], func(s slot) bool { return s.name == name }):
			return nil, fmt.Errorf("label %q is one that each series has from its object: use another name", name)
		case !utf8.ValidString(value):
			return nil, fmt.Errorf("invalid value of label %q: it is not UTF-8", name)
		}
		set = append(set, slot{name: name, value: value})
	}
	slices.SortFunc(set, func(a, b slot) int { return cmp.Compare(a.name, b.name) })
	return set, nil
}

// appendTo appends the labels of one series of a record. A label without a value is left out: to receivers these are the same.
func (set labelSet) appendTo(labels []label, r *export.Record, metricName string) []label {
	for i := range set {
		s := &set[i]
		value := s.value
		switch {
		case s.from != nil:
			value = s.from(r)
		case s.name == model.MetricNameLabel:
			value = metricName
		}
		if value != "" {
			labels = append(labels, label{Name: s.name, Value: value})
		}
	}
	return labels
}
