package scrape

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/progress"
)

// TestDeletedNodesLeaveNoMetric removes every node of a cluster that churns. No metric names a node, and none counts it any more.
func TestDeletedNodesLeaveNoMetric(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		for i := range 20 {
			name := fmt.Sprintf("short-lived-%d", i)
			if i%2 == 0 {
				b.kubelets.set(name, hang)
			}
			quiet := node(name)
			quiet.Ready = false
			b.Set(quiet)
			<-time.After(resolution)
			b.Remove(name)
		}
		families, err := b.registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				if strings.Contains(m.String(), "short-lived") {
					t.Errorf("%s names a node: %s", f.GetName(), m)
				}
			}
		}
		if diff := cmp.Diff(progress.New(0), b.Progress()); diff != "" {
			t.Errorf("progress, from which plimsoll_nodes is computed (-want +got):\n%s", diff)
		}
	})
}
