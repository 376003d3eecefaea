package app

import (
	"fmt"

	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/compatibility"
)

// addCompatibility registers the metrics that have the names of metrics-server's, and has the freshness of what the stack serves observed.
func (s *ClusterStack) addCompatibility(reg registry) error {
	freshness, err := compatibility.NewFreshness(reg.Register, clock.RealClock{})
	if err != nil {
		return fmt.Errorf("register the metric of freshness: %w", err)
	}
	if err := reg.CustomRegister(compatibility.NewCollector(s.points)); err != nil {
		return fmt.Errorf("register the metrics for compatibility: %w", err)
	}
	s.freshness = freshness
	return nil
}

// points counts the nodes, and the containers of pods, that have usage to be served.
func (s *ClusterStack) points() (nodes, containers int) {
	reader := s.Store.Reader()
	for n := range s.Cluster.Nodes().All() {
		if _, ok := reader.Node(n.Usage); ok {
			nodes++
		}
	}
	for p := range s.Cluster.Pods().All() {
		if used, ok := reader.Pod(p.Usage, p.Node); ok {
			containers += len(used.Containers)
		}
	}
	return nodes, containers
}
