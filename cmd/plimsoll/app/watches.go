package app

import (
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// addWatches makes what serves watches of the cluster.
func (s *ClusterStack) addWatches(m *watchcache.Metrics) {
	source := watchcache.Source{
		Observe: s.store.Observe, Version: s.store.Reader().ResourceVersion, Known: s.cluster.PodsKnown(),
		Resolution: s.resolution, Metrics: m, Cluster: s.name,
	}
	s.nodeWatches = nodemetrics.NewWatchCache(s.cluster.Nodes(), source)
	s.podWatches = podmetrics.NewWatchCache(s.cluster.Pods(), source)
}

// followObjects notifies the store of objects that change or are gone, and before it the watches, which keep what they were.
func (s *ClusterStack) followObjects() {
	nodes, pods := s.nodeWatches, s.podWatches
	s.cluster.OnPodDeleted(func(p *cluster.Pod) {
		pods.Keep(p)
		s.store.PodDeleted(p.Node, p.Namespace, p.Name, p.UID)
	})
	s.cluster.OnPodChanged(func(before, after *cluster.Pod) {
		if before.Labels != after.Labels || before.Node != after.Node || after.Ended() {
			pods.Keep(before) // Otherwise all that select one select the other.
		}
		s.store.PodChanged(after.Node, after.Namespace, after.Name, after.UID)
	})
	s.cluster.OnNodeDeleted(nodes.Keep)
	s.cluster.OnNodeChanged(func(before, after *cluster.Node) {
		nodes.Keep(before)
		s.store.NodeChanged(after.Name, after.UID)
	})
}
