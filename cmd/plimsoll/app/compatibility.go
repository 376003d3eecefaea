package app

import (
	"fmt"

	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/compatibility"
)

// addCompatibility registers the metrics that are called as metrics-server's are, and has what w serves observed for them.
func (w *world) addCompatibility(reg registry) error {
	freshness, err := compatibility.NewFreshness(reg.Register, clock.RealClock{})
	if err != nil {
		return fmt.Errorf("register the metric of freshness: %w", err)
	}
	if err := reg.CustomRegister(compatibility.NewCollector(w.manager, w.points)); err != nil {
		return fmt.Errorf("register the metrics for compatibility: %w", err)
	}
	w.freshness = freshness
	return nil
}

// points counts the nodes, and the containers of pods, that have usage to be served.
func (w *world) points() (nodes, containers int) {
	for n := range w.cluster.Nodes().All() {
		if _, ok := w.numbers.Node(n.Name); ok {
			nodes++
		}
	}
	for p := range w.cluster.Pods().All() {
		if used, ok := w.numbers.Pod(p.Answer, p.Node); ok {
			containers += len(used.Containers)
		}
	}
	return nodes, containers
}
