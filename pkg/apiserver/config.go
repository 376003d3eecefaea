package apiserver

import (
	"fmt"
	"net/http"

	genericopenapi "k8s.io/apiserver/pkg/endpoints/openapi"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/healthz"
	"k8s.io/apiserver/pkg/util/compatibility"
	"k8s.io/component-base/version"
	"k8s.io/kube-openapi/pkg/validation/spec"

	"github.com/plimsoll/plimsoll/pkg/apiserver/openapi"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Config is what the server is built from. One goroutine fills it and calls Complete.
type Config struct {
	// Generic is how the library serves: addresses, certificates, authentication, authorization.
	Generic *genericapiserver.RecommendedConfig
	// Extra is what Plimsoll serves.
	Extra ExtraConfig
}

// ExtraConfig is what Plimsoll adds to a generic API server.
type ExtraConfig struct {
	// Home is the cluster that is served at the usual path; nil where only other clusters are served.
	Home *Readers
	// Clusters are the other clusters, each served below a path of its own.
	Clusters []Cluster
	// Background is the work that runs beside the server, and that it awaits before Run returns.
	Background []Background
	// ReadyChecks decide /readyz, together with the library's own. They never reach /livez. The names must be
	// distinct, also from the names of Background.
	ReadyChecks []healthz.HealthChecker
	// Handlers serve further paths, to clients that may get them as nonResourceURLs.
	Handlers map[string]http.Handler
	// Metrics count what is refused; nil counts nothing.
	Metrics *Metrics
}

// Readers read the objects of one cluster and their usage. They must be safe for concurrent use.
type Readers struct {
	// Usage reads what is published of nodes and pods.
	Usage *usage.Reader
	// Nodes and NodeMessages are behind the resource nodes.
	Nodes        nodemetrics.Nodes
	NodeMessages nodemetrics.Messages
	// Pods and PodMessages are behind the resource pods.
	Pods        podmetrics.Pods
	PodMessages podmetrics.Messages
	// NodeWatches and PodWatches serve watches; nil where the API offers none.
	NodeWatches *nodemetrics.WatchCache
	PodWatches  *podmetrics.WatchCache
	// Compress has responses of more than 128 KiB compressed for clients that accept it: a fifth of the bytes, for several times the CPU.
	Compress bool
}

// CompletedConfig is a Config in which nothing is missing. Only Complete makes one.
type CompletedConfig struct {
	generic genericapiserver.CompletedConfig
	extra   ExtraConfig
}

// Complete fills in the fields that follow from those that are set. It changes the generic configuration, which must have a listener or an
// external address with a port.
func (c *Config) Complete() CompletedConfig {
	definitions := openapi.GetDescribedDefinitions
	namer := genericopenapi.NewDefinitionNamer(Scheme)
	info := &spec.Info{InfoProps: spec.InfoProps{Title: "Plimsoll", Version: version.Get().GitVersion}}
	c.Generic.OpenAPIConfig = genericapiserver.DefaultOpenAPIConfig(definitions, namer)
	c.Generic.OpenAPIConfig.Info = info
	c.Generic.OpenAPIV3Config = genericapiserver.DefaultOpenAPIV3Config(definitions, namer)
	c.Generic.OpenAPIV3Config.Info = info
	c.limitClients()
	if c.Generic.EffectiveVersion == nil {
		c.Generic.EffectiveVersion = compatibility.DefaultBuildEffectiveVersion()
	}
	return CompletedConfig{generic: c.Generic.Complete(), extra: c.Extra}
}

// limitClients bounds what clients can hold: see handlerChain.
func (c *Config) limitClients() {
	chain := &handlerChain{metrics: c.Extra.Metrics}
	if serving := c.Generic.SecureServing; serving != nil && serving.Listener != nil {
		chain.connections = newConnectionLimiter(serving.Listener, c.Generic.RequestTimeout, c.Extra.Metrics)
		serving.Listener = chain.connections
	}
	if c.Generic.RequestInfoResolver == nil {
		c.Generic.RequestInfoResolver = genericapiserver.NewRequestInfoResolver(&c.Generic.Config)
	}
	c.Generic.RequestInfoResolver = clusterInfoResolver{c.Generic.RequestInfoResolver}
	c.Generic.BuildHandlerChainFunc = chain.build
	c.Generic.Serializer = truncatingSerializer{c.Generic.Serializer}
	c.Generic.AuditBackend = truncateAudit(c.Generic.AuditBackend)
}

// New builds the server; its logs have the name. Nothing runs yet. The error names the part that could not be built.
func (c CompletedConfig) New(name string) (*Server, error) {
	generic, err := c.generic.New(name, genericapiserver.NewEmptyDelegate())
	if err != nil {
		return nil, fmt.Errorf("build the generic API server %q: %w", name, err)
	}
	if c.extra.Home != nil {
		if err := installGroup(generic, c.extra.Home); err != nil {
			return nil, err
		}
	}
	workers, checks, err := newWorkers(c.extra.Background, c.extra.ReadyChecks)
	if err != nil {
		return nil, fmt.Errorf("build the API server %q: %w", name, err)
	}
	// To /readyz alone: a kubelet that does not respond is no reason to restart this process, which would lose the usage of the other nodes.
	if err := generic.AddReadyzChecks(checks...); err != nil {
		return nil, fmt.Errorf("add readiness checks to %q: %w", name, err)
	}
	for _, cluster := range c.extra.Clusters {
		more, err := c.addCluster(generic, cluster)
		if err != nil {
			return nil, err
		}
		workers = append(workers, more...)
	}
	for path, handler := range c.extra.Handlers {
		generic.Handler.NonGoRestfulMux.Handle(path, handler)
	}
	return newServer(generic, workers), nil
}
