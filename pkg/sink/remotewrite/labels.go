package remotewrite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"

	"github.com/plimsoll/plimsoll/pkg/export"
)

type label struct{ name, value string }

// labelSet is the labels of each series but the name of the metric, in the order of names, as receivers require: those before and those after that.
type labelSet struct{ before, after []slot }

// slot is a label with a value of its own, or with one that is taken from a record.
type slot struct {
	name, value string
	from        func(r *export.Record) string
}

// newLabelSet returns the labels of series, with those of the configuration, and with the name of the cluster where a record has none.
func newLabelSet(cluster string, configured map[string]string) (set labelSet, err error) {
	slots := []slot{
		{name: "cluster", from: func(r *export.Record) string { return cmp.Or(r.Cluster, cluster) }},
		{name: "container", from: func(r *export.Record) string { return r.Container }},
		{name: "namespace", from: func(r *export.Record) string { return r.Namespace }},
		{name: "node", from: func(r *export.Record) string { return r.Node }},
		{name: "pod", from: func(r *export.Record) string { return r.Pod }},
	}
	own := len(slots)
	for name, value := range configured {
		switch {
		case !model.LegacyValidation.IsValidLabelName(name) || strings.HasPrefix(name, model.ReservedLabelPrefix):
			return set, fmt.Errorf("invalid label name %q: it has other characters than letters, digits and underscores, or begins with a digit or two underscores", name)
		case slices.ContainsFunc(slots[:own], func(s slot) bool { return s.name == name }):
			return set, fmt.Errorf("label %q is one that each series has from its object: use another name", name)
		case !utf8.ValidString(value):
			return set, fmt.Errorf("invalid value of label %q: it is not UTF-8", name)
		}
		slots = append(slots, slot{name: name, value: value})
	}
	slices.SortFunc(slots, func(a, b slot) int { return cmp.Compare(a.name, b.name) })
	at, _ := slices.BinarySearchFunc(slots, model.MetricNameLabel, func(s slot, name string) int { return cmp.Compare(s.name, name) })
	return labelSet{slots[:at], slots[at:]}, nil
}

// appendValues appends the labels of a record. A label without a value is left out: to receivers these are the same.
func appendValues(labels []label, slots []slot, r *export.Record) []label {
	for i := range slots {
		s := &slots[i]
		value := s.value
		if s.from != nil {
			value = s.from(r)
		}
		if value != "" {
			labels = append(labels, label{s.name, value})
		}
	}
	return labels
}
