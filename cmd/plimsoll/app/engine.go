package app

import (
	"fmt"
	"net/url"
	"strconv"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/engine"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/sink/endpoint"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// Engines makes the collectors that read Prometheus-compatible engines. It has what the collectors of all clusters share.
type Engines struct {
	// Metrics count the queries.
	Metrics *engine.Metrics
	// Reject counts the rejected readings of a cluster.
	Reject func(cluster string, rejected sample.Rejections)

	// made are the collectors, by the name of the cluster. All are made before the metrics are read.
	made map[string]*engine.Collector
}

// newEngines registers the metrics of engines. Rejected readings are counted as those of kubelets are.
func newEngines(k *Kubelets, reg metricsRegistry) (*Engines, error) {
	counted, err := engine.NewMetrics(reg.Register)
	if err != nil {
		return nil, err
	}
	e := &Engines{Metrics: counted, made: map[string]*engine.Collector{}, Reject: func(cluster string, rejected sample.Rejections) { k.Metrics.Of(cluster).Reject(rejected) }}
	through := newGauge("plimsoll_nodes_through_engine", "Nodes whose usage was read from a Prometheus-compatible engine by the newest poll.",
		[]string{"cluster"}, func(set setGauge) {
			for name, c := range e.made {
				set(float64(c.Serving()), name)
			}
		})
	return e, registerGauges(reg, through)
}

// NewCollector makes the collector of the sources, all of which are of the kind Prometheus and of one cluster. It does not poll a node while onStandby is
// true of it; nil for never.
func (e *Engines) NewCollector(sources []source.Source, watched *cluster.Cluster, s *store.Store, onStandby func(node string) bool) (*engine.Collector, error) {
	name := sources[0].Cluster
	config := engine.Config{
		Store: s, Running: watched.Pods().Running, PodsKnown: watched.PodsKnown(), OnStandby: onStandby, Metrics: e.Metrics.Of(name),
		Reject: func(r sample.Rejections) { e.Reject(name, r) },
	}
	for _, of := range sources {
		client, err := engineClient(of.Engine)
		if err != nil {
			return nil, fmt.Errorf("source %v: %w", of, err)
		}
		config.Sources = append(config.Sources, engineSource(of, client))
	}
	e.made[name] = engine.NewCollector(config)
	return e.made[name], nil
}

// engineSource describes which series are read of which nodes.
func engineSource(of source.Source, client *engine.Client) engine.Source {
	e := of.Engine
	return engine.Source{
		Name:   of.Redacted(),
		Client: client,
		Selection: engine.Selection{
			Labels:   engine.Labels{Node: e.NodeLabel, Namespace: e.NamespaceLabel, Pod: e.PodLabel, Container: e.ContainerLabel},
			Matchers: e.Match, Window: e.Window, Replica: e.ReplicaLabels,
		},
		Endpoint: map[string]engine.Endpoint{source.EndpointResource: engine.Resource, source.EndpointCAdvisor: engine.CAdvisor}[e.Endpoint],
		Nodes:    of.NodeSelector, Resolution: of.Resolution, ShardSize: e.ShardSize,
	}
}

// engineClient connects to an engine, with no other credentials than the engine's own.
func engineClient(e source.Engine) (*engine.Client, error) {
	to := endpoint.Config{
		URL: e.URL, User: e.User, PasswordFile: e.PasswordFile, TokenFile: e.TokenFile, CAFile: e.CAFile, CertFile: e.CertFile, KeyFile: e.KeyFile,
		Insecure: e.InsecureTLS, Timeout: e.RequestTimeout,
	}
	if e.Tenant != "" {
		to.Header = map[string]string{"X-Scope-OrgID": e.Tenant}
	}
	made, err := endpoint.New(to)
	if err != nil {
		return nil, err
	}
	return &engine.Client{Endpoint: made, Parameters: engineParameters(e), Timeout: e.RequestTimeout}, nil
}

// engineParameters are what Thanos and VictoriaMetrics know beside the query; other engines ignore them.
func engineParameters(e source.Engine) url.Values {
	p := url.Values{"dedup": {strconv.FormatBool(e.Dedup)}, "partial_response": {"false"}, "latency_offset": {strconv.FormatInt(e.LatencyOffset.Milliseconds(), 10) + "ms"}}
	if e.Dedup {
		p["replicaLabels[]"] = e.ReplicaLabels
	}
	return p
}
