package app

import (
	"context"
	"fmt"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"
	_ "k8s.io/component-base/metrics/prometheus/restclient" // measures requests to API servers: the metrics rest_client_*

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
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
	extra, err := newExtra(own, processRegistry{})
	if err != nil {
		return nil, err
	}
	generic, err := opts.GenericConfig(ctx, apiserver.Codecs)
	if err != nil {
		return nil, err
	}
	return &apiserver.Config{Generic: generic, Extra: *extra}, nil
}

// newExtra makes what Plimsoll adds to a generic API server. Nothing runs yet.
func newExtra(config *options.Config, reg registry) (*apiserver.ExtraConfig, error) {
	own, err := scrape.NewMetrics(reg.Register)
	if err != nil {
		return nil, err
	}
	refusals, err := apiserver.NewMetrics(reg.Register)
	if err != nil {
		return nil, err
	}
	extra, managers := &apiserver.ExtraConfig{Background: collecting(), Metrics: refusals}, map[string]*scrape.Manager{}
	pods := map[string]*cluster.Pods{}
	memory := scrape.NewMemory(memoryLimit)
	for _, sources := range byCluster(config.Sources) {
		w, err := newWorld(config, sources, own, memory)
		if err != nil {
			return nil, fmt.Errorf("source %v: %w", sources[0], err)
		}
		if w.name == "" && config.CompatibilityMetrics {
			if err := w.addCompatibility(reg); err != nil {
				return nil, err
			}
		}
		w.addTo(extra)
		managers[w.name], pods[w.name] = w.manager, w.cluster.Pods()
	}
	if err := reg.CustomRegister(scrape.NewNodesCollector(managers)); err != nil {
		return nil, fmt.Errorf("register the metric of nodes: %w", err)
	}
	if err := reg.CustomRegister(&labelsCollector{pods: pods}); err != nil {
		return nil, fmt.Errorf("register the metric of labels: %w", err)
	}
	return extra, nil
}

// byCluster puts the sources of each cluster together, in the order in which they were given.
func byCluster(sources []source.Source) (clusters [][]source.Source) {
	at := map[string]int{}
	for _, s := range sources {
		i, known := at[s.Cluster]
		if !known {
			i = len(clusters)
			at[s.Cluster] = i
			clusters = append(clusters, nil)
		}
		clusters[i] = append(clusters[i], s)
	}
	return clusters
}

// processRegistry is the one that /metrics shows.
type processRegistry struct{}

// Register implements registry.
func (processRegistry) Register(m metrics.Registerable) error { return legacyregistry.Register(m) }

// CustomRegister implements registry.
func (processRegistry) CustomRegister(c metrics.StableCollector) error {
	return legacyregistry.CustomRegister(c)
}
