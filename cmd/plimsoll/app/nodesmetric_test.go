package app

import (
	"context"
	"strings"
	"testing"

	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/testutil"

	"github.com/plimsoll/plimsoll/pkg/progress"
)

// fixedProgress is a collector that has come as far as its counts and goes no further.
type fixedProgress progress.Counts

func (fixedProgress) Start(context.Context) error { return nil }
func (fixedProgress) Cause(string) string         { return "" }
func (p fixedProgress) Progress() progress.Counts { return progress.Counts(p) }

func TestNodesMetric(t *testing.T) {
	home, west := progress.New(5), progress.New(2)
	home.Settled, home.ThroughSummary = 4, 1
	home.Fail(1, "forbidden", "")
	home.Fail(1, "no_address", "")
	west.Settled = 2
	registry := metrics.NewKubeRegistry()
	err := registry.CustomRegister(&nodesMetric{collectors: map[string]Collector{"": fixedProgress(home), "west": fixedProgress(west)}})
	if err != nil {
		t.Fatal(err)
	}
	want := `# HELP plimsoll_nodes [ALPHA] Nodes by state: ok, pending, or the cause of the failure.
# TYPE plimsoll_nodes gauge
plimsoll_nodes{cluster="",state="forbidden"} 1
plimsoll_nodes{cluster="",state="no_address"} 1
plimsoll_nodes{cluster="",state="ok"} 2
plimsoll_nodes{cluster="",state="pending"} 1
plimsoll_nodes{cluster="west",state="ok"} 2
plimsoll_nodes{cluster="west",state="pending"} 0
# HELP plimsoll_nodes_through_summary [ALPHA] Nodes that are read through /stats/summary because the endpoint of their source has no containers.
# TYPE plimsoll_nodes_through_summary gauge
plimsoll_nodes_through_summary{cluster=""} 1
plimsoll_nodes_through_summary{cluster="west"} 0
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "plimsoll_nodes", "plimsoll_nodes_through_summary"); err != nil {
		t.Error(err)
	}
}
