package nodemetrics

import (
	"context"
	"iter"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// WatchCache serves the watches of NodeMetrics.
type WatchCache = watchcache.Cache[*cluster.Node, usage.Node]

// NewWatchCache returns the cache of the nodes of a cluster.
func NewWatchCache(nodes Nodes, source watchcache.Source) *WatchCache {
	return generic.NewWatchCache(encoding(), watchcache.Resource[*cluster.Node, usage.Node]{
		Name:        "nodes.metrics.k8s.io",
		All:         func() iter.Seq[*cluster.Node] { return all(nodes) },
		Find:        func(_, name string) (*cluster.Node, bool) { return nodes.Get(name) },
		Key:         func(n *cluster.Node) usage.Key { return usage.Key{Name: n.Name, UID: n.UID} },
		Cell:        func(n *cluster.Node) *usage.NodeCell { return n.Usage },
		Usage:       func(e usage.Event) (*usage.Node, bool) { return e.Node, e.Key.Namespace == "" },
		Version:     func(u *usage.Node) uint64 { return u.ResourceVersion },
		WithVersion: (*usage.Node).WithVersion,
		Serves:      func(_ *cluster.Node, u *usage.Node) bool { return serves(u) },
		MayBeServed: func(*cluster.Node) bool { return true },
	}, source)
}

// Watched returns the storage r with the watches of a cache. It changes r, whose versions come from the cache.
func Watched(r *REST, cache *WatchCache) *generic.WatchREST[*cluster.Node, usage.Node] {
	r.Version = cache.Version
	return &generic.WatchREST[*cluster.Node, usage.Node]{REST: r, Cache: cache, HasLabels: func(n *cluster.Node, s labels.Selector) bool {
		return s.Empty() || s.Matches(n.Labels)
	}}
}

// all are the nodes of the cluster.
func all(nodes Nodes) iter.Seq[*cluster.Node] {
	list, _ := nodes.List(context.Background(), labels.Everything()) // This context has no end.
	return slices.Values(list)
}
