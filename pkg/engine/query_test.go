package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var usualLabels = Labels{Node: "node", Namespace: "namespace", Pod: "pod", Container: "container"}

func TestQueries(t *testing.T) {
	const (
		usage      = `container_cpu_usage_seconds_total|container_memory_working_set_bytes`
		containers = usage + `|container_start_time_seconds`
		node       = `|node_cpu_usage_seconds_total|node_memory_working_set_bytes|up`
		all        = containers + node
	)
	whole, young := extent{window: time.Minute}, extent{45 * time.Second, time.Unix(1_700_000_000, 0)}
	for _, tt := range []struct {
		name      string
		selection Selection
		nodes     string
		endpoint  Endpoint
		of        extent
		want      []string
	}{
		{"resource", Selection{Labels: usualLabels}, "a b", Resource, extent{window: 90 * time.Second},
			[]string{`{__name__=~"` + all + `",node=~"a|b",id=""}[90000ms]`}},
		{"both", Selection{Labels: usualLabels}, "a", Auto, whole,
			[]string{`{__name__=~"` + all + `",node=~"a"}[60000ms]`}},
		{"cAdvisor, whose node is a container without a name", Selection{Labels: usualLabels}, "a", CAdvisor, whole, []string{
			`{__name__=~"` + containers + `",node=~"a",id!="",container!="",container!="POD"}[60000ms]`,
			`{__name__=~"` + containers + `|up",node=~"a",id=~"/?",container=""}[60000ms]`,
		}},
		{"start times of young containers", Selection{Labels: usualLabels, Matchers: `cluster="west"`}, "a b", Resource, young, []string{
			`{__name__=~"` + usage + node + `",node=~"a|b",id="",cluster="west"}[45000ms]`,
			`{__name__=~"container_start_time_seconds",node=~"a|b",id="",cluster="west"} > 1700000000`,
		}},
		{"those of cAdvisor", Selection{Labels: usualLabels}, "a", CAdvisor, young, []string{
			`{__name__=~"` + usage + `",node=~"a",id!="",container!="",container!="POD"}[45000ms]`,
			`{__name__=~"` + usage + `|up",node=~"a",id=~"/?",container=""}[45000ms]`,
			`{__name__=~"container_start_time_seconds",node=~"a",id!="",container!="",container!="POD"} > 1700000000`,
		}},
		{"a dot is no regular expression", Selection{Labels: usualLabels}, "ip-10.x", Auto, whole,
			[]string{`{__name__=~"` + all + `",node=~"ip-10\\.x"}[60000ms]`}},
		{"matchers and names of labels", Selection{Labels: Labels{Node: "kubernetes_node"}, Matchers: `cluster="west",job!="x"`}, "a", Auto, whole,
			[]string{`{__name__=~"` + all + `",kubernetes_node=~"a",cluster="west",job!="x"}[60000ms]`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.selection.queries(strings.Fields(tt.nodes), tt.endpoint, tt.of)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestQueriesAreShort has names as long as Kubernetes allows, with dots, in a shard that is as large as can be.
func TestQueriesAreShort(t *testing.T) {
	var nodes []string
	for range 500 {
		nodes = append(nodes, strings.Repeat("a.", 126)+"x")
	}
	s := Selection{Labels: usualLabels, Matchers: `cluster="` + strings.Repeat("x", 2000) + `"`}
	queries := s.queries(nodes, CAdvisor, extent{window: time.Minute})
	found := 0
	for _, q := range queries {
		if len(q) > 16<<10 {
			t.Errorf("a query of %d bytes", len(q))
		}
		found += strings.Count(q, "x|") + strings.Count(q, `x",id`)
	}
	if found != 2*len(nodes) {
		t.Errorf("%d names in %d queries, want each of %d twice", found, len(queries), len(nodes))
	}
}
