package app

import (
	"cmp"
	"context"
	"time"

	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/compatibility"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// ClusterStack is everything that serves one cluster: the watch of its nodes and pods, the collector and the store of their usage. Stacks share
// nothing but the process, its flags and its metrics.
type ClusterStack struct {
	Cluster   *cluster.Cluster
	Collector Collector
	Store     *store.Store

	name     string
	compress bool
	startup  *startup
	// freshness observes the age of what is served; nil where it is not observed.
	freshness *compatibility.Freshness
}

// NewClusterStack connects the data flow of one cluster, from the watch of its nodes to what is served. Nothing runs before Background is started.
func NewClusterStack(c StackConfig) *ClusterStack {
	nodes := &targets{}
	for _, s := range c.Sources {
		nodes.rules = append(nodes.rules, nodeRule{s.Selector, s.Target})
	}
	watched := cluster.New(c.Client, combinedSelector(c.Sources), nodes)
	staleness := usage.Staleness{MaxAge: c.MaxAge, Resolution: cmp.Or(c.Resolution, maxResolution(c.Sources))}
	s := &ClusterStack{
		Cluster:  watched,
		Store:    store.New(objects{watched}, staleness, clock.RealClock{}),
		name:     c.Name,
		compress: c.Compress,
	}
	scraper := newScraper(c, s)
	s.Collector, nodes.handler = scraper, scraper
	if c.Intercept != nil {
		nodes.handler = c.Intercept(scraper)
	}
	s.startup = newStartup(s.Cluster, s.Collector, scraper.AwaitInitialScrapes, s.hasUsage)
	return s
}

func newScraper(c StackConfig, s *ClusterStack) *scrape.Manager {
	expected, extra := objects{s.Cluster}, allExtra(c.Sources)
	config := scrape.Config{
		DecodeSummary: decode.SummaryDecoder{Filter: expected, Extra: extra.From(sample.Summary)}.Decode,
		Extra:         extra,
		DecodeExtra:   extraDecoder(expected, extra),
		Pods:          expected,
		PodsKnown:     s.Cluster.PodsKnown(),
		Sink:          s.Store,
		Metrics:       c.Metrics,
		Observer:      c.Observer,
	}
	for _, source := range c.Sources {
		config.Sources = append(config.Sources, scrape.Source{
			Client: source.Client, Timeout: source.Timeout, Resolution: source.Resolution, NewDecoder: newDecoder(source.Kind, expected, source.Target.Extra),
		})
	}
	return scrape.NewManager(config)
}

// newDecoder returns the constructor of the decoder of one node. The decoder leaves out what the filter does not expect.
func newDecoder(kind source.Kind, filter decode.Filter, extra sample.ResourceSet) func() scrape.Decoder {
	if kind == source.Summary {
		summary := decode.Stateless(decode.SummaryDecoder{Filter: filter, Extra: extra.From(sample.Summary)}.Decode)
		return func() scrape.Decoder { return summary }
	}
	return func() scrape.Decoder {
		return &decode.ResourceDecoder{Filter: filter, Extra: extra.From(sample.MetricsResource)}
	}
}

// extraDecoder returns the decoder of responses to requests for extra resources alone.
func extraDecoder(filter decode.Filter, extra sample.ResourceSet) func(context.Context, sample.Endpoint, []byte) (sample.Node, error) {
	return func(ctx context.Context, from sample.Endpoint, body []byte) (sample.Node, error) {
		return decode.SummaryDecoder{Filter: filter, Extra: extra.CheapestFrom(from), OnlyExtra: true}.Decode(ctx, body)
	}
}

// allExtra are the extra resources for which one of the sources asks.
func allExtra(sources []StackSource) (all sample.ResourceSet) {
	for _, s := range sources {
		all |= s.Target.Extra
	}
	return all
}

// maxResolution is the longest resolution: the usage of a cluster is kept until the node that is scraped least often was scraped again.
func maxResolution(sources []StackSource) (longest time.Duration) {
	for _, s := range sources {
		longest = max(longest, s.Resolution)
	}
	return longest
}

// Readers are what the API server serves of the cluster.
func (s *ClusterStack) Readers() apiserver.Readers {
	m := messages{startup: s.startup, collector: s.Collector, store: s.Store}
	readers := apiserver.Readers{
		Usage: s.Store.Reader(),
		Nodes: s.Cluster.Nodes(), NodeCauses: nodeMessages{m},
		Pods: s.Cluster.Pods(), PodCauses: podMessages{m},
		Compress: s.compress,
	}
	if s.freshness != nil {
		readers.Usage = readers.Usage.Observed(s.freshness.Observe)
	}
	return readers
}

// Background is the work behind the readers. The names contain the cluster's.
func (s *ClusterStack) Background() []apiserver.Background {
	return []apiserver.Background{
		{Name: s.qualify("cluster"), Start: s.withLogger(s.Cluster.Start)},
		{Name: s.qualify("scrape"), Start: s.withLogger(s.Collector.Start)},
		{Name: s.qualify("store"), Start: s.withLogger(s.Store.Start)},
	}
}

// addTo has the API server serve the cluster and run what is behind it. Only the home cluster decides whether the process is ready.
func (s *ClusterStack) addTo(extra *apiserver.ExtraConfig) {
	readers, ready := s.Readers(), []healthz.HealthChecker{s.startup.readyCheck()}
	extra.Background = append(extra.Background, s.Background()...)
	if s.name == "" {
		extra.Home, extra.ReadyChecks = &readers, ready
		return
	}
	extra.Clusters = append(extra.Clusters, apiserver.Cluster{Name: s.name, Readers: readers, ReadyChecks: ready})
}

// withLogger adds the cluster's name to what start logs, unless that is the home cluster: names of nodes may be the same in several clusters.
func (s *ClusterStack) withLogger(start func(context.Context) error) func(context.Context) error {
	if s.name == "" {
		return start
	}
	return func(ctx context.Context) error {
		return start(klog.NewContext(ctx, klog.FromContext(ctx).WithValues("cluster", s.name)))
	}
}

// qualify makes a name unique among the clusters.
func (s *ClusterStack) qualify(name string) string {
	if s.name == "" {
		return name
	}
	return name + "-" + s.name
}

// hasUsage is true where a node has usage that may be served, or a pod where no node has: not every kubelet reports its node.
func (s *ClusterStack) hasUsage() bool {
	reader := s.Store.Reader()
	for n := range s.Cluster.Nodes().All() {
		if _, ok := reader.Node(n.Usage); ok {
			return true
		}
	}
	for p := range s.Cluster.Pods().All() {
		if _, ok := reader.Pod(p.Usage, p.Node); ok {
			return true
		}
	}
	return false
}
