package scrape

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestNodesThatAreGoneLeaveNoMetric removes every node of a cluster that churns. No metric names a node, and none counts it any more.
func TestNodesThatAreGoneLeaveNoMetric(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		registry := b.registryWithNodes(t)
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
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				if strings.Contains(m.String(), "short-lived") {
					t.Errorf("%s names a node: %s", f.GetName(), m)
				}
				if f.GetName() == "plimsoll_nodes" && m.GetGauge().GetValue() != 0 {
					t.Errorf("nodes that are gone are counted: %s", m)
				}
			}
		}
		if left := b.Progress().Nodes; left != 0 {
			t.Errorf("%d nodes are still followed", left)
		}
	})
}
