package compatibility_test

import (
	"testing"
	"time"

	"k8s.io/component-base/metrics"
	testingclock "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/compatibility"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestAgeHistogram observes the age of what is read, and nothing of what is missing.
func TestAgeHistogram(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	registry := metrics.NewKubeRegistry()
	f, err := compatibility.NewAgeHistogram(registry.Register, testingclock.NewFakePassiveClock(now))
	if err != nil {
		t.Fatal(err)
	}
	reader := usage.NewReader(usage.Staleness{}, func() time.Time { return now }, nil).OnEachRead(f.Observe)
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
