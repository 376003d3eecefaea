package app

import (
	"fmt"

	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/compatibility"
)

// addCompatibility registers the metrics that have the names of metrics-server's, and has the age of what the stack serves observed.
func (s *ClusterStack) addCompatibility(reg metricsRegistry) (err error) {
	if s.ages, err = compatibility.NewAgeHistogram(reg.Register, clock.RealClock{}); err != nil {
		return fmt.Errorf("register the histogram of ages: %w", err)
	}
	return registerGauges(reg, newGauge("metrics_server_storage_points", "Nodes and containers that have usage to be served.", []string{"type"}, s.countServed))
}

// countServed counts the nodes, and the containers of pods, that have usage to be served.
func (s *ClusterStack) countServed(set setGauge) {
	nodes, containers, reader := 0, 0, s.store.Reader()
	for n := range s.cluster.Nodes().All() {
		if _, ok := reader.Node(n.Usage); ok {
			nodes++
		}
	}
	for p := range s.cluster.Pods().All() {
		if used, ok := reader.Pod(p.Usage, p.Node); ok {
			containers += len(used.Containers)
		}
	}
	set(float64(nodes), "node")
	set(float64(containers), "container")
}
