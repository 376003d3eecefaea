package compatibility_test

import (
	"strings"
	"testing"
	"time"

	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"
	testingclock "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/compatibility"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// scrapes are those of a cluster, as they were given.
type scrapes struct {
	nodes   []scrape.NodeAttempts
	cluster scrape.ClusterAttempts
}

func (s *scrapes) NodeAttempts() []scrape.NodeAttempts     { return s.nodes }
func (s *scrapes) ClusterAttempts() scrape.ClusterAttempts { return s.cluster }

func TestCollector(t *testing.T) {
	durations := scrape.Histogram{Bounds: []float64{0.5, 1}, Counts: []uint64{3, 0, 1}, Sum: 9.5}
	s := &scrapes{
		nodes: []scrape.NodeAttempts{
			{Node: "a", Last: time.UnixMilli(1_700_000_000_900), Durations: durations},
			{Node: "b", Last: time.Unix(1_700_000_001, 0), Durations: durations},
		},
		cluster: scrape.ClusterAttempts{Succeeded: 7, Failed: 1, Rounds: scrape.Histogram{Bounds: []float64{15}, Counts: []uint64{2, 0}, Sum: 3}},
	}
	registry := metrics.NewKubeRegistry()
	if err := registry.CustomRegister(compatibility.NewCollector(s, func() (int, int) { return 2, 60 })); err != nil {
		t.Fatal(err)
	}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(twoNodes)); err != nil {
		t.Error(err)
	}
	s.nodes = s.nodes[1:]
	if err := testutil.GatherAndCompare(registry, strings.NewReader(withoutNode(twoNodes, "a"))); err != nil {
		t.Errorf("after node a has gone: %v", err)
	}
}

const twoNodes = `# HELP metrics_server_kubelet_last_request_time_seconds [ALPHA] When the newest scrape of the node ended, successful or not, in seconds since 1970.
# TYPE metrics_server_kubelet_last_request_time_seconds gauge
metrics_server_kubelet_last_request_time_seconds{node="a"} 1.7e+09
metrics_server_kubelet_last_request_time_seconds{node="b"} 1.700000001e+09
# HELP metrics_server_kubelet_request_duration_seconds [ALPHA] How long scrapes of the node took, from the request to the store.
# TYPE metrics_server_kubelet_request_duration_seconds histogram
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="0.5"} 3
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="1"} 3
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="+Inf"} 4
metrics_server_kubelet_request_duration_seconds_sum{node="a"} 9.5
metrics_server_kubelet_request_duration_seconds_count{node="a"} 4
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="0.5"} 3
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="1"} 3
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="+Inf"} 4
metrics_server_kubelet_request_duration_seconds_sum{node="b"} 9.5
metrics_server_kubelet_request_duration_seconds_count{node="b"} 4
# HELP metrics_server_kubelet_request_total [ALPHA] Scrapes of kubelets, by success.
# TYPE metrics_server_kubelet_request_total counter
metrics_server_kubelet_request_total{success="false"} 1
metrics_server_kubelet_request_total{success="true"} 7
# HELP metrics_server_manager_tick_duration_seconds [ALPHA] The longest scrape of a node in each interval of one resolution.
# TYPE metrics_server_manager_tick_duration_seconds histogram
metrics_server_manager_tick_duration_seconds_bucket{le="15"} 2
metrics_server_manager_tick_duration_seconds_bucket{le="+Inf"} 2
metrics_server_manager_tick_duration_seconds_sum 3
metrics_server_manager_tick_duration_seconds_count 2
# HELP metrics_server_storage_points [ALPHA] Nodes and containers that have numbers to be served.
# TYPE metrics_server_storage_points gauge
metrics_server_storage_points{type="container"} 60
metrics_server_storage_points{type="node"} 2
`

func withoutNode(text, node string) string {
	var kept []string
	for line := range strings.Lines(text) {
		if !strings.Contains(line, `node="`+node+`"`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// TestFreshness observes the age of what is read, and nothing of what is missing.
func TestFreshness(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	registry := metrics.NewKubeRegistry()
	f, err := compatibility.NewFreshness(registry.Register, testingclock.NewFakePassiveClock(now))
	if err != nil {
		t.Fatal(err)
	}
	reader := usage.NewReader(usage.Staleness{}, func() time.Time { return now }, nil).Observed(f.Observe)
	node, pod := &usage.NodeCell{}, &usage.PodCell{}
	node.Publish(&usage.Node{Time: now.Add(-20 * time.Second)}, usage.Freshness{Seen: 1})
	pod.Publish(&usage.Pod{Node: "a", Time: now.Add(-time.Second)}, usage.Freshness{Seen: 1})
	for _, tt := range []struct {
		name  string
		read  func() (ok bool)
		want  bool
		count uint64
		sum   float64
	}{
		{"a node", func() bool { _, ok := reader.Node(node); return ok }, true, 1, 20},
		{"a node without usage", func() bool { _, ok := reader.Node(nil); return ok }, false, 1, 20},
		{"a pod", func() bool { _, ok := reader.Pod(pod, "a"); return ok }, true, 2, 21},
		{"a pod without usage", func() bool { _, ok := reader.Pod(nil, "a"); return ok }, false, 2, 21},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.read(); got != tt.want {
				t.Errorf("read %t, want %t", got, tt.want)
			}
			families, err := registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			if len(families) != 1 || families[0].GetName() != "metrics_server_api_metric_freshness_seconds" {
				t.Fatalf("metrics %v", families)
			}
			h := families[0].GetMetric()[0].GetHistogram()
			if h.GetSampleCount() != tt.count || h.GetSampleSum() != tt.sum {
				t.Errorf("%d ages with the sum %v, want %d with %v", h.GetSampleCount(), h.GetSampleSum(), tt.count, tt.sum)
			}
		})
	}
}
