package app

import (
	"context"
	"fmt"

	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/client-go/kubernetes"
	"k8s.io/component-base/metrics/legacyregistry"
	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/apiserver"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/scrape"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// Run serves until ctx ends. The options must be valid.
func Run(ctx context.Context, opts *options.Options) error {
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
	extra, err := newExtra(own, opts)
	if err != nil {
		return nil, err
	}
	generic, err := opts.GenericConfig(apiserver.Codecs)
	if err != nil {
		return nil, err
	}
	return &apiserver.Config{Generic: generic, Extra: *extra}, nil
}

// newExtra wires the data flow together, from the cluster to what the API shows.
func newExtra(config *options.Config, opts *options.Options) (*apiserver.ExtraConfig, error) {
	rest, err := opts.RESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(rest)
	if err != nil {
		return nil, fmt.Errorf("make a client of the API server: %w", err)
	}
	kubelets, err := access(config.Kubelet).HTTPClient(rest)
	if err != nil {
		return nil, err
	}
	metrics, err := scrape.NewMetrics(legacyregistry.Register)
	if err != nil {
		return nil, err
	}
	kind := config.Scrape.Sources[0].Kind
	numbers := store.New(config.Scrape.MaxAge, config.Scrape.Resolution, clock.RealClock{})
	targets := &targets{config: targetConfig(config, kind)}
	world := cluster.New(client, config.Scrape.NodeSelector, targets)
	targets.manager = scrape.NewManager(scrape.Config{
		Client:      kubelets,
		Timeout:     config.Kubelet.RequestTimeout,
		Resolution:  config.Scrape.Resolution,
		Decode:      decoder(kind),
		DecodeRates: decode.Summary,
		Pods:        expectations{world.Pods()},
		Sink:        numbers,
		Metrics:     metrics,
	})
	if err := legacyregistry.CustomRegister(scrape.NewNodesCollector(targets.manager)); err != nil {
		return nil, fmt.Errorf("register the metric of nodes: %w", err)
	}
	causes := &causes{cluster: world, manager: targets.manager, store: numbers}
	return &apiserver.ExtraConfig{
		Nodes: world.Nodes(), NodeUsages: numbers, NodeCauses: nodeCauses{causes},
		Pods: world.Pods(), PodUsages: numbers, PodCauses: podCauses{causes},
		Background: []apiserver.Background{
			{Name: "cluster", Start: world.Start},
			{Name: "scrape", Start: targets.manager.Start},
		},
		ReadyChecks: []healthz.HealthChecker{causes.readyCheck()},
	}, nil
}
