package app

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
	_ "k8s.io/component-base/metrics/prometheus/restclient" // measures requests to API servers: the metrics rest_client_*

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/usage"
	"github.com/plimsoll/plimsoll/pkg/watchcache"
)

// Run serves until ctx ends. The options must be valid.
func Run(ctx context.Context, opts *options.Options) error {
	limitMemory(ctx, memlimit.FromCgroup)
	config, err := newConfig(ctx, opts)
	if err != nil {
		return err
	}
	server, err := config.Complete().New("plimsoll")
	if err != nil {
		return err
	}
	return server.Run(ctx)
}

// newConfig turns flags into everything that the server is made of. The generic part comes last, because it opens the port.
func newConfig(ctx context.Context, opts *options.Options) (*apiserver.Config, error) {
	own, err := opts.Config(ctx)
	if err != nil {
		return nil, err
	}
	registry := metricsRegistry{legacyregistry.Register, legacyregistry.CustomRegister}
	extra, err := newExtra(own, registry)
	if err != nil {
		return nil, err
	}
	extra.Background = append(extra.Background, apiserver.Background{Name: "memory", Start: returnMemory})
	certificate, err := newServingCertificate(own, registry)
	if err != nil {
		return nil, err
	}
	generic, err := opts.GenericConfig(ctx, apiserver.Codecs)
	if err != nil {
		return nil, err
	}
	config := &apiserver.Config{Generic: generic, Extra: *extra}
	serveWith(certificate, config)
	return config, nil
}

// metricsRegistry registers the metrics that the server has of itself.
type metricsRegistry struct {
	Register       func(metrics.Registerable) error
	CustomRegister func(metrics.StableCollector) error
}

// newExtra makes what Plimsoll adds to a generic API server: one stack for each cluster. Nothing runs yet.
func newExtra(config *options.Config, reg metricsRegistry) (*apiserver.ExtraConfig, error) {
	refusals, err := apiserver.NewMetrics(reg.Register)
	if err != nil {
		return nil, err
	}
	kinds, err := collectorKinds(config, reg)
	if err != nil {
		return nil, err
	}
	sinks, err := newSinks(config.Sinks)
	if err != nil {
		return nil, err
	}
	needs := export.AllNeeds(sinks)
	watches, err := watchcache.NewMetrics(reg.Register)
	if err != nil {
		return nil, err
	}
	extra := &apiserver.ExtraConfig{Metrics: refusals}
	var stacks []*ClusterStack
	for _, sources := range byCluster(config.Sources) {
		stack, err := newStack(config, sources, kinds, needs, watches)
		if err == nil && stack.name == "" && config.CompatibilityMetrics {
			err = stack.addCompatibility(reg)
		}
		if err != nil {
			return nil, fmt.Errorf("source %v: %w", sources[0], err)
		}
		stack.addTo(extra)
		stacks = append(stacks, stack)
	}
	extra.Handlers = map[string]http.Handler{nodesPath: nodeStates(stacks)}
	if err := addExporter(extra, stacks, sinks, reg); err != nil {
		return nil, err
	}
	return extra, registerGauges(reg, clusterGauges(stacks)...)
}

// newStack makes the stack of the cluster that the sources are of. Needs are those of the sinks.
func newStack(config *options.Config, sources []source.Source, kinds []collectorKind, needs export.Needs, watches *watchcache.Metrics) (*ClusterStack, error) {
	collector, err := chooseCollector(kinds, sources)
	if err != nil {
		return nil, err
	}
	access, err := options.RESTConfig(sources[0].API)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(access)
	if err != nil {
		return nil, fmt.Errorf("make a client of the API server: %w", err)
	}
	resolution := maxResolution(sources)
	return NewClusterStack(StackConfig{
		Name: sources[0].Cluster, Client: client, Nodes: combinedSelector(sources),
		NewCollector: func(c *cluster.Cluster, s *store.Store) (Collector, error) {
			return collector(sources, access, c, s)
		},
		Staleness: usage.Staleness{MaxAge: config.MaxAgeAt(resolution), Resolution: resolution},
		Exported:  needs,
		Compress:  config.CompressAnswers,
		Watch:     config.Watch, WatchMetrics: watches,
	})
}

// combinedSelector selects the nodes of all sources, and more where there are several: a label selector has no alternatives.
func combinedSelector(sources []source.Source) labels.Selector {
	if len(sources) == 1 {
		return sources[0].NodeSelector
	}
	return labels.Everything()
}

// maxResolution is the longest resolution: the usage of a cluster is kept until the node that is scraped least often was scraped again.
func maxResolution(sources []source.Source) time.Duration {
	return slices.MaxFunc(sources, func(a, b source.Source) int { return cmp.Compare(a.Resolution, b.Resolution) }).Resolution
}

// byCluster groups the sources by cluster, in the order in which they were given.
func byCluster(sources []source.Source) (clusters [][]source.Source) {
	for _, s := range sources {
		i := slices.IndexFunc(clusters, func(of []source.Source) bool { return of[0].Cluster == s.Cluster })
		if i < 0 {
			i = len(clusters)
			clusters = append(clusters, nil)
		}
		clusters[i] = append(clusters[i], s)
	}
	return clusters
}
