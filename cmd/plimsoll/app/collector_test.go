package app

import (
	"testing"

	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// TestChooseCollector chooses among kinds of collector of which one has no source of the kind Resource, and of which another has no other one.
func TestChooseCollector(t *testing.T) {
	made := ""
	making := func(name string) newCollector {
		return func([]source.Source, *rest.Config, *cluster.Cluster, *store.Store) (Collector, error) {
			made = name
			return nil, nil
		}
	}
	summaries := collectorKind{[]source.Kind{source.Summary}, making("summaries")}
	resources := collectorKind{[]source.Kind{source.Resource}, making("resources")}
	both := collectorKind{[]source.Kind{source.Resource, source.Summary}, making("both")}
	of := func(kinds ...source.Kind) (sources []source.Source) {
		for _, k := range kinds {
			sources = append(sources, source.Source{Kind: k, Raw: k.String()})
		}
		return sources
	}
	for _, tt := range []struct {
		name    string
		kinds   []collectorKind
		sources []source.Source
		want    string
		err     string
	}{
		{"one source", []collectorKind{summaries, resources}, of(source.Resource), "resources", ""},
		{"two sources of one collector", []collectorKind{both}, of(source.Summary, source.Resource), "both", ""},
		{"two sources of two collectors", []collectorKind{summaries, resources}, of(source.Summary, source.Resource), "",
			"no collector is registered for the kinds of source that the cluster has"},
		{"two sources of a third collector", []collectorKind{summaries, resources, both}, of(source.Summary, source.Resource), "both", ""},
		{"a source of no collector", []collectorKind{summaries}, of(source.Resource), "", "no collector is registered for the kinds of source that the cluster has"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			made = ""
			chosen, err := chooseCollector(tt.kinds, tt.sources)
			got := ""
			if err != nil {
				got = err.Error()
			} else if _, err := chosen(nil, nil, nil, nil); err != nil {
				t.Fatal(err)
			}
			if made != tt.want || got != tt.err {
				t.Errorf("chose %q with error %q, want %q with error %q", made, got, tt.want, tt.err)
			}
		})
	}
}
