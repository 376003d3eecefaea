package podmetrics

import (
	"context"
	"iter"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/registry/generic"
	"github.com/plimsoll/plimsoll/pkg/usage"
	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// WatchCache serves the watches of PodMetrics.
type WatchCache = watchcache.Cache[*cluster.Pod, usage.Pod]

// NewWatchCache returns the cache of the pods of a cluster.
func NewWatchCache(pods Pods, source watchcache.Source) *WatchCache {
	return generic.NewWatchCache(encoding(), watchcache.Resource[*cluster.Pod, usage.Pod]{
		Name: "pods.metrics.k8s.io",
		All:  func() iter.Seq[*cluster.Pod] { return all(pods) },
		Find: pods.Get,
		Key: func(p *cluster.Pod) usage.Key {
			return usage.Key{Namespace: p.Namespace, Name: p.Name, UID: p.UID}
		},
		Cell:        func(p *cluster.Pod) *usage.PodCell { return p.Usage },
		Usage:       func(e usage.Event) (*usage.Pod, bool) { return e.Pod, e.Key.Namespace != "" },
		Version:     func(u *usage.Pod) uint64 { return u.ResourceVersion },
		WithVersion: (*usage.Pod).WithVersion,
		Serves:      serves,
		MayBeServed: func(p *cluster.Pod) bool { return !p.Ended() && p.Node != "" },
	}, source)
}

// Watched returns the storage r with the watches of a cache. It changes r, whose versions come from the cache.
func Watched(r *REST, cache *WatchCache) *generic.WatchREST[*cluster.Pod, usage.Pod] {
	r.Version = cache.Version
	return &generic.WatchREST[*cluster.Pod, usage.Pod]{REST: r, Cache: cache, HasLabels: func(p *cluster.Pod, s labels.Selector) bool {
		return s.Empty() || !p.Labels.LeftOut() && s.Matches(&p.Labels)
	}}
}

// all are the pods of the cluster.
func all(pods Pods) iter.Seq[*cluster.Pod] {
	list, _ := pods.List(context.Background(), metav1.NamespaceAll, labels.Everything(), cache.ObjectName{}, 0) // This context has no end.
	return slices.Values(list)
}
