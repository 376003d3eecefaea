package app

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/compatibility"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// StackConfig is what the stack of one cluster is built from. Every field is needed unless its comment says otherwise.
type StackConfig struct {
	// Name is the cluster's; empty for the home cluster.
	Name string
	// Client reaches the cluster's API server.
	Client kubernetes.Interface
	// Nodes selects the nodes that are watched.
	Nodes labels.Selector
	// NewCollector makes the collector of the cluster, which puts usage into the store. It is notified of no node before all is connected.
	NewCollector func(*cluster.Cluster, *store.Store) (Collector, error)
	// Staleness is for how long usage is served.
	Staleness usage.Staleness
	// Exported is what sinks need beside usage.
	Exported export.Needs
	// Compress has large API responses compressed for clients that accept it.
	Compress bool
	// Watch has the API offer watches, and WatchMetrics count them; nil counts nothing.
	Watch        bool
	WatchMetrics *watchcache.Metrics
}

// ClusterStack is everything that serves one cluster: the watch of its nodes and pods, the collector and the store of their usage. Stacks share
// nothing but the process, its flags and its metrics.
type ClusterStack struct {
	name     string
	compress bool
	// resolution is the longest time between two scrapes of a node.
	resolution time.Duration
	cluster    *cluster.Cluster
	collector  Collector
	store      *store.Store
	startup    *startup
	// nodeWatches and podWatches serve watches; nil where the API offers none.
	nodeWatches *nodemetrics.WatchCache
	podWatches  *podmetrics.WatchCache
	// details has what sinks need of the full summary; nil where none does, or where the collector does not read it.
	details *export.DetailsQueue
	// ages observes the age of what is served; nil where it is not observed.
	ages *compatibility.AgeHistogram
}

// NewClusterStack connects the data flow of one cluster, from the watch of its nodes to what is served. Nothing runs before Background is started.
func NewClusterStack(c StackConfig) (*ClusterStack, error) {
	var nodes struct{ cluster.NodeHandler } // The collector, which is made last: it reads what the cluster has.
	s := &ClusterStack{name: c.Name, compress: c.Compress, resolution: c.Staleness.Resolution}
	s.cluster = cluster.New(c.Client, c.Nodes, &nodes, cluster.Options{Resources: c.Exported.Resources})
	s.store = store.New(objects{s.cluster}, c.Staleness, clock.RealClock{})
	if c.Watch {
		s.addWatches(c.WatchMetrics)
	}
	s.followObjects()
	collector, err := c.NewCollector(s.cluster, s.store)
	if err != nil {
		return nil, err
	}
	s.collector, nodes.NodeHandler = collector, collector
	if reader, ok := collector.(detailsCollector); ok && c.Exported.Details {
		s.details = export.NewDetailsQueue(exported{s.cluster})
		reader.SendDetails(s.details)
	}
	s.startup = newStartup(s.cluster, collector, s.hasUsage)
	return s, nil
}

// Readers are what the API server serves of the cluster.
func (s *ClusterStack) Readers() apiserver.Readers {
	m := messages{s.startup, s.collector, s.store, clock.RealClock{}}
	readers := apiserver.Readers{
		Usage: s.store.Reader(),
		Nodes: s.cluster.Nodes(), NodeMessages: m,
		Pods: s.cluster.Pods(), PodMessages: m,
		NodeWatches: s.nodeWatches, PodWatches: s.podWatches,
		Compress: s.compress,
	}
	if s.ages != nil {
		readers.Usage = readers.Usage.OnEachRead(s.ages.Observe)
	}
	return readers
}

// Background is the work behind the readers.
func (s *ClusterStack) Background() []apiserver.Background {
	all := []apiserver.Background{
		s.background("cluster", s.cluster.Start),
		s.background("collector", s.collector.Start),
		s.background("store", s.store.Start),
		s.background("failing-nodes", s.logFailing),
	}
	if s.nodeWatches != nil {
		all = append(all, s.background("node-watches", s.nodeWatches.Start), s.background("pod-watches", s.podWatches.Start))
	}
	return all
}

// background adds the cluster's name to that of the work and to what it logs, unless that is the home cluster: names of nodes may be the same in several
// clusters.
func (s *ClusterStack) background(name string, start func(context.Context) error) apiserver.Background {
	if s.name == "" {
		return apiserver.Background{Name: name, Start: start}
	}
	return apiserver.Background{Name: name + "-" + s.name, Start: func(ctx context.Context) error {
		return start(klog.NewContext(ctx, klog.FromContext(ctx).WithValues("cluster", s.name)))
	}}
}

// addTo has the API server serve the cluster and run what is behind it. Only the home cluster decides whether the process is ready.
func (s *ClusterStack) addTo(extra *apiserver.ExtraConfig) {
	readers, ready := s.Readers(), []healthz.HealthChecker{s.startup.readyCheck()}
	if s.name == "" {
		extra.Home, extra.ReadyChecks = &readers, ready
		extra.Background = append(extra.Background, s.Background()...)
		return
	}
	extra.Clusters = append(extra.Clusters, apiserver.Cluster{Name: s.name, Readers: readers, ReadyChecks: ready, Background: s.Background()})
}

// hasUsage is true where a node has usage that may be served, or a pod where no node has: not every kubelet reports its node.
func (s *ClusterStack) hasUsage() bool {
	reader := s.store.Reader()
	for n := range s.cluster.Nodes().All() {
		if _, ok := reader.Node(n.Usage); ok {
			return true
		}
	}
	for p := range s.cluster.Pods().All() {
		if _, ok := reader.Pod(p.Usage, p.Node); ok {
			return true
		}
	}
	return false
}
