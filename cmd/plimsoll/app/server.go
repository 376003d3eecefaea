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
	"github.com/plimsoll/plimsoll/pkg/compatibility"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/source"
)

// Run serves until ctx ends. The options must be valid.
func Run(ctx context.Context, opts *options.Options) error {
	limitMemory(ctx, memlimit.FromCgroup)
	setCollection()
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

// registry registers the metrics that the server has of itself.
type registry interface {
	Register(metrics.Registerable) error
	CustomRegister(metrics.StableCollector) error
}

// newExtra makes what Plimsoll adds to a generic API server: one stack for each cluster. Nothing runs yet.
func newExtra(config *options.Config, reg registry) (*apiserver.ExtraConfig, error) {
	scrapes, err := scrape.NewMetrics(reg.Register)
	if err != nil {
		return nil, err
	}
	refusals, err := apiserver.NewMetrics(reg.Register)
	if err != nil {
		return nil, err
	}
	extra, memory := &apiserver.ExtraConfig{Metrics: refusals}, kubelet.NewMemory(memoryLimit)
	collectors, pods := map[string]Collector{}, map[string]*cluster.Pods{}
	for _, sources := range byCluster(config.Sources) {
		stack, err := newStack(config, sources, memory, scrapes, reg)
		if err != nil {
			return nil, err
		}
		stack.addTo(extra)
		collectors[stack.name], pods[stack.name] = stack.Collector, stack.Cluster.Pods()
	}
	if err := reg.CustomRegister(&nodesMetric{collectors: collectors}); err != nil {
		return nil, fmt.Errorf("register the metric of nodes: %w", err)
	}
	if err := reg.CustomRegister(&labelsMetric{pods: pods}); err != nil {
		return nil, fmt.Errorf("register the metric of labels: %w", err)
	}
	return extra, nil
}

// newStack makes the stack of the cluster that the sources are of. Memory and scrapes are shared by the stacks of all clusters.
func newStack(config *options.Config, sources []source.Source, memory *kubelet.Memory, scrapes *scrape.Metrics, reg registry) (*ClusterStack, error) {
	c, err := newStackConfig(config, sources, memory)
	if err != nil {
		return nil, fmt.Errorf("source %v: %w", sources[0], err)
	}
	c.Metrics = scrapes.Of(c.Name)
	if c.Name != "" || !config.CompatibilityMetrics {
		return NewClusterStack(c), nil
	}
	if c.Observer, err = compatibility.NewScrapes(reg.Register, maxResolution(c.Sources)); err != nil {
		return nil, err
	}
	stack := NewClusterStack(c)
	return stack, stack.addCompatibility(reg)
}

// processRegistry is the registry behind /metrics.
type processRegistry struct{}

// Register implements registry.
func (processRegistry) Register(m metrics.Registerable) error { return legacyregistry.Register(m) }

// CustomRegister implements registry.
func (processRegistry) CustomRegister(c metrics.StableCollector) error {
	return legacyregistry.CustomRegister(c)
}
