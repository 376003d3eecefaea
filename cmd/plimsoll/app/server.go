package app

import (
	"context"

	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/component-base/metrics"
	"k8s.io/component-base/metrics/legacyregistry"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app/options"
	"github.com/plimsoll/plimsoll/pkg/apiserver"
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
	extra, err := newExtra(own, opts, processRegistry{})
	if err != nil {
		return nil, err
	}
	generic, err := opts.GenericConfig(apiserver.Codecs)
	if err != nil {
		return nil, err
	}
	return &apiserver.Config{Generic: generic, Extra: *extra}, nil
}

// newExtra makes what Plimsoll adds to a generic API server. Nothing runs yet.
func newExtra(config *options.Config, opts *options.Options, reg registry) (*apiserver.ExtraConfig, error) {
	access, err := opts.RESTConfig()
	if err != nil {
		return nil, err
	}
	w, err := newWorld(config, access, reg)
	if err != nil {
		return nil, err
	}
	readers, ready := w.readers()
	return &apiserver.ExtraConfig{
		Home: &readers, Background: w.background(), ReadyChecks: []healthz.HealthChecker{ready},
	}, nil
}

// processRegistry is the one that /metrics shows.
type processRegistry struct{}

// Register implements registry.
func (processRegistry) Register(m metrics.Registerable) error { return legacyregistry.Register(m) }

// CustomRegister implements registry.
func (processRegistry) CustomRegister(c metrics.StableCollector) error {
	return legacyregistry.CustomRegister(c)
}
