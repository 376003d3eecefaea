package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/component-base/metrics"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/compatibility"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// registry takes what the server measures of itself.
type registry interface {
	Register(metrics.Registerable) error
	CustomRegister(metrics.StableCollector) error
}

// world is one cluster: what is known of it, the loops that look at its nodes, and the numbers that they bring.
type world struct {
	// name is the cluster's; empty for the home cluster.
	name    string
	cluster *cluster.Cluster
	manager *scrape.Manager
	numbers *store.Store
	// compress has large answers compressed.
	compress bool
	// freshness observes what is served; nil where it is not observed.
	freshness *compatibility.Freshness
}

// newWorld wires the data flow of one cluster together, up to the numbers. Nothing runs yet. The sources are all of that cluster.
func newWorld(config *options.Config, sources []source.Source, own *scrape.Metrics, memory *scrape.Memory) (*world, error) {
	access, err := options.RESTConfig(sources[0].API)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return nil, fmt.Errorf("make a client of the API server: %w", err)
	}
	apiServers, err := options.APIServers(access, environmentOf(sources[0].Cluster))
	if err != nil {
		return nil, err
	}
	nodes := newTargets(sources, config.ExtraResources, apiServers)
	resolution := slowest(sources)
	w := &world{
		name:     sources[0].Cluster,
		cluster:  cluster.New(client, union(sources), nodes),
		numbers:  store.New(config.MaxAgeAt(resolution), resolution, clock.RealClock{}),
		compress: config.CompressAnswers,
	}
	known := expectations{w.cluster.Pods()}
	ways, err := scrapeSources(sources, access, apiServers, known)
	if err != nil {
		return nil, err
	}
	w.manager = scrape.NewManager(scrape.Config{
		Sources:       ways,
		DecodeSummary: decode.SummaryDecoder{Filter: known}.Decode,
		DecodeDisk:    decode.DiskDecoder{Filter: known}.Decode,
		Pods:          known,
		PodsKnown:     w.cluster.PodsKnown(),
		Sink:          w.numbers,
		Metrics:       own.Of(w.name),
		CountAttempts: config.CompatibilityMetrics && w.name == "",
		Memory:        memory,
	})
	nodes.loops = w.manager
	w.cluster.PodsAfter(w.firstLooks)
	return w, nil
}

// environmentOf reads what the process's environment says of a cluster: nothing, unless that is the home cluster.
func environmentOf(cluster string) func(string) string {
	if cluster == "" {
		return os.Getenv
	}
	return func(string) string { return "" }
}

// podsAtLast is how long the list of pods waits for the first looks at the nodes.
const podsAtLast = 15 * time.Second

// firstLooks has the second looks, without which there are no rates, come as early as they can: the pods are listed while they are waited
// for, and not while the connections to all kubelets are made.
func (w *world) firstLooks(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, podsAtLast)
	defer cancel()
	w.manager.AwaitFirstLooks(ctx)
}

func scrapeSources(sources []source.Source, access *rest.Config, apiServers []target.Endpoint, filter decode.Filter) ([]scrape.Source, error) {
	var ways []scrape.Source
	for _, s := range sources {
		kubelets := kubeletAccess(s.Kubelet)
		kubelets.Policy.APIServers = apiServers
		client, err := kubelets.HTTPClient(access)
		if err != nil {
			return nil, fmt.Errorf("source %v: %w", s, err)
		}
		ways = append(ways, scrape.Source{
			Client: client, Timeout: s.Kubelet.RequestTimeout, Resolution: s.Resolution, NewDecoder: decoder(s.Kind, filter),
		})
	}
	return ways, nil
}

// slowest is the longest resolution: numbers of a cluster are kept until the node that is asked least often was asked again.
func slowest(sources []source.Source) (longest time.Duration) {
	for _, s := range sources {
		longest = max(longest, s.Resolution)
	}
	return longest
}

// addTo has the API server show the world, and run what is behind it. Only the home cluster decides whether the process is ready.
func (w *world) addTo(extra *apiserver.ExtraConfig) {
	start := &warmUp{synced: w.cluster.Synced, progress: w.manager.Progress, served: w.served, clock: clock.RealClock{}}
	readers, ready := w.readers(start), []healthz.HealthChecker{start.readyCheck()}
	extra.Background = append(extra.Background, w.background()...)
	if w.name == "" {
		extra.Home, extra.ReadyChecks = &readers, ready
		return
	}
	extra.Clusters = append(extra.Clusters, apiserver.Cluster{Name: w.name, Readers: readers, ReadyChecks: ready})
}

func (w *world) readers(start *warmUp) apiserver.Readers {
	why := causes{warmUp: start, looks: w.manager, lacks: w.numbers}
	readers := apiserver.Readers{
		Nodes: w.cluster.Nodes(), NodeUsages: w.numbers, NodeCauses: nodeCauses{why},
		Pods: w.cluster.Pods(), PodUsages: w.numbers, PodCauses: podCauses{why},
		Compress: w.compress,
	}
	if w.freshness != nil {
		readers.NodeUsages, readers.PodUsages = w.freshness.Nodes(readers.NodeUsages), w.freshness.Pods(readers.PodUsages)
	}
	return readers
}

// background is the work behind the readers.
func (w *world) background() []apiserver.Background {
	return []apiserver.Background{
		{Name: w.named("cluster"), Start: w.inLog(w.cluster.Start)},
		{Name: w.named("scrape"), Start: w.inLog(w.manager.Start)},
	}
}

// inLog has what start logs name the cluster, unless it is home: the names of nodes may be the same in several.
func (w *world) inLog(start func(context.Context) error) func(context.Context) error {
	if w.name == "" {
		return start
	}
	return func(ctx context.Context) error {
		return start(klog.NewContext(ctx, klog.FromContext(ctx).WithValues("cluster", w.name)))
	}
}

// named makes a name of the world's own out of one that is the same in all.
func (w *world) named(what string) string {
	if w.name == "" {
		return what
	}
	return what + "-" + w.name
}

// served is true where at least one node has numbers that may be served, or a pod where no node has: not every kubelet reports its node.
func (w *world) served() bool {
	for n := range w.cluster.Nodes().All() {
		if _, ok := w.numbers.Node(n.Name); ok {
			return true
		}
	}
	for p := range w.cluster.Pods().All() {
		if _, ok := w.numbers.Pod(p.Answer, p.Node); ok {
			return true
		}
	}
	return false
}
