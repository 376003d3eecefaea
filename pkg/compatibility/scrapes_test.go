package compatibility

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"
)

func newTestScrapes(t *testing.T, resolution time.Duration) (*Scrapes, metrics.KubeRegistry) {
	t.Helper()
	registry := metrics.NewKubeRegistry()
	s, err := NewScrapes(registry.Register, resolution)
	if err != nil {
		t.Fatal(err)
	}
	return s, registry
}

// TestScrapes counts scrapes of nodes apart and together, and leaves nothing of a node that is removed but its share of the sums.
func TestScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, registry := newTestScrapes(t, 15*time.Second)
		for i, scrape := range []struct {
			node string
			took time.Duration
			ok   bool
		}{{"a", time.Second / 8, true}, {"a", 9 * time.Second, false}, {"b", time.Second / 8, true}, {"b", time.Second / 4, true}} {
			if i == 3 {
				<-time.After(20 * time.Second)
			}
			s.Scraped(scrape.node, scrape.took, scrape.ok)
		}
		check := func(want string) {
			t.Helper()
			if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
				t.Error(err)
			}
		}
		check(twoNodes)
		s.Removed("a")
		check(withoutNode(twoNodes, "a"))
	})
}

const twoNodes = `# HELP metrics_server_kubelet_last_request_time_seconds [ALPHA] When the newest scrape of the node ended, successful or not, in seconds since 1970.
# TYPE metrics_server_kubelet_last_request_time_seconds gauge
metrics_server_kubelet_last_request_time_seconds{node="a"} 9.466848e+08
metrics_server_kubelet_last_request_time_seconds{node="b"} 9.4668482e+08
# HELP metrics_server_kubelet_request_duration_seconds [ALPHA] How long scrapes of the node took, from the request to the store.
# TYPE metrics_server_kubelet_request_duration_seconds histogram
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="0.005"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="0.01"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="0.025"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="0.05"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="0.1"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="0.25"} 1
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="0.5"} 1
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="1"} 1
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="2.5"} 1
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="5"} 1
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="10"} 2
metrics_server_kubelet_request_duration_seconds_bucket{node="a",le="+Inf"} 2
metrics_server_kubelet_request_duration_seconds_sum{node="a"} 9.125
metrics_server_kubelet_request_duration_seconds_count{node="a"} 2
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="0.005"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="0.01"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="0.025"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="0.05"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="0.1"} 0
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="0.25"} 2
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="0.5"} 2
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="1"} 2
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="2.5"} 2
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="5"} 2
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="10"} 2
metrics_server_kubelet_request_duration_seconds_bucket{node="b",le="+Inf"} 2
metrics_server_kubelet_request_duration_seconds_sum{node="b"} 0.375
metrics_server_kubelet_request_duration_seconds_count{node="b"} 2
# HELP metrics_server_kubelet_request_total [ALPHA] Scrapes of kubelets, by success.
# TYPE metrics_server_kubelet_request_total counter
metrics_server_kubelet_request_total{success="false"} 1
metrics_server_kubelet_request_total{success="true"} 3
# HELP metrics_server_manager_tick_duration_seconds [ALPHA] The longest scrape of a node in each interval of one resolution.
# TYPE metrics_server_manager_tick_duration_seconds histogram
metrics_server_manager_tick_duration_seconds_bucket{le="0.005"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="0.01"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="0.025"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="0.05"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="0.1"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="0.25"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="0.5"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="1"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="2.5"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="5"} 0
metrics_server_manager_tick_duration_seconds_bucket{le="10"} 1
metrics_server_manager_tick_duration_seconds_bucket{le="15"} 1
metrics_server_manager_tick_duration_seconds_bucket{le="22.5"} 1
metrics_server_manager_tick_duration_seconds_bucket{le="30"} 1
metrics_server_manager_tick_duration_seconds_bucket{le="+Inf"} 1
metrics_server_manager_tick_duration_seconds_sum 9
metrics_server_manager_tick_duration_seconds_count 1
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

// TestIntervals counts one duration for each interval: that of the longest scrape in it.
func TestIntervals(t *testing.T) {
	type scrape struct{ at, took time.Duration }
	tests := []struct {
		name    string
		scrapes []scrape
		until   time.Duration
		want    map[float64]uint64 // By the upper bound of the bucket; -1 is above all bounds.
		sum     float64
	}{
		{"none", nil, time.Hour, nil, 0},
		{"not over", []scrape{{0, time.Second}}, 9 * time.Second, nil, 0},
		{"the longest", []scrape{{0, time.Second}, {time.Second, 3 * time.Second}, {2 * time.Second, 2 * time.Second}}, 10 * time.Second, map[float64]uint64{5: 1}, 3},
		{"two", []scrape{{0, time.Second}, {12 * time.Second, 9 * time.Second}}, 22 * time.Second, map[float64]uint64{1: 1, 10: 1}, 10},
		{"a gap counts nothing", []scrape{{0, time.Second}, {time.Hour, time.Second}}, time.Hour, map[float64]uint64{1: 1}, 1},
		{"longer than the resolution", []scrape{{0, 11 * time.Second}}, time.Minute, map[float64]uint64{15: 1}, 11},
		{"above all bounds", []scrape{{0, time.Minute}}, time.Minute, map[float64]uint64{-1: 1}, 60},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, registry := newTestScrapes(t, 10*time.Second)
				begin := time.Now()
				for _, scrape := range tt.scrapes {
					<-time.After(scrape.at - time.Since(begin))
					s.Scraped("a", scrape.took, true)
				}
				s.mu.Lock()
				s.endInterval(begin.Add(tt.until))
				s.mu.Unlock()
				if tt.want == nil {
					tt.want = map[float64]uint64{}
				}
				got, sum := ticks(t, registry)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("intervals by bound (-want +got):\n%s", diff)
				}
				if sum != tt.sum {
					t.Errorf("sum %v, want %v", sum, tt.sum)
				}
			})
		})
	}
}

// ticks returns how many durations each bucket has of its own, and their sum.
func ticks(t *testing.T, registry metrics.KubeRegistry) (own map[float64]uint64, sum float64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	own = map[float64]uint64{}
	for _, f := range families {
		if f.GetName() != "metrics_server_manager_tick_duration_seconds" {
			continue
		}
		h, below := f.GetMetric()[0].GetHistogram(), uint64(0)
		for _, b := range h.GetBucket() {
			if n := b.GetCumulativeCount() - below; n > 0 {
				own[b.GetUpperBound()] = n
			}
			below = b.GetCumulativeCount()
		}
		if n := h.GetSampleCount() - below; n > 0 {
			own[-1] = n
		}
		sum = h.GetSampleSum()
	}
	return own, sum
}
