package source

import (
	"cmp"
	"slices"
	"time"

	"k8s.io/utils/ptr"
)

// Engine describes a Prometheus-compatible engine and the series that are read from it.
type Engine struct {
	// URL is the http or https URL below which the engine has /api/v1/query, without a slash at its end.
	URL string
	// Match are further matchers of the series, in the notation of PromQL and joined by commas; empty for none.
	Match string
	// Endpoint is the endpoint of kubelets whose series are read: one of EndpointAuto, EndpointResource and EndpointCAdvisor.
	Endpoint string
	// NodeLabel, NamespaceLabel, PodLabel and ContainerLabel are the labels that have these names.
	NodeLabel, NamespaceLabel, PodLabel, ContainerLabel string
	// ReplicaLabels are the labels that distinguish copies of one series. Dedup has Thanos merge these.
	ReplicaLabels []string
	Dedup         bool
	// Tenant is the value of the header X-Scope-OrgID; empty for none.
	Tenant string
	// TokenFile has a bearer token. User and PasswordFile are for basic authentication. All are empty for none.
	TokenFile, User, PasswordFile string
	// CAFile has the authorities of the engine's certificate; empty for those of the system. CertFile and KeyFile are a client certificate.
	CAFile, CertFile, KeyFile string
	// InsecureTLS accepts any certificate.
	InsecureTLS bool
	// Window is how far back samples are read.
	Window time.Duration
	// LatencyOffset is the age from which on VictoriaMetrics returns samples.
	LatencyOffset time.Duration
	// ShardSize is how many nodes are read by one query at the most.
	ShardSize int
	// RequestTimeout limits one query. It is shorter than the resolution.
	RequestTimeout time.Duration
}

// Values of the option endpoint.
const (
	EndpointAuto     = "auto"
	EndpointResource = "resource"
	EndpointCAdvisor = "cadvisor"
)

const (
	// defaultShard is how many nodes are read by one query, and maxShard how many may be.
	defaultShard, maxShard = 50, 500
	// defaultOffset is long enough for VictoriaMetrics to make samples visible.
	defaultOffset = time.Second
	// shortestWindow has two samples of an engine that scrapes every 30 seconds and a reading that is 30 seconds old by then.
	shortestWindow = 90 * time.Second
	// windowBeyond is how much longer than the resolution the window is.
	windowBeyond = time.Minute
	// longestQuery is how long a query may take without an option.
	longestQuery = 30 * time.Second
)

// defaultReplicas are the labels by which Prometheus' operator and Thanos distinguish replicas.
var defaultReplicas = []string{"prometheus_replica", "replica"}

// engine resolves how an engine is read: the defaults, with what the source gives in their place.
func (s *spec) engine(def Defaults) Engine {
	if s.kind != Prometheus {
		return Engine{}
	}
	every := s.effectiveResolution(def)
	e := s.values.engine
	e.Endpoint = cmp.Or(e.Endpoint, EndpointAuto)
	e.NodeLabel = cmp.Or(e.NodeLabel, "node")
	e.NamespaceLabel = cmp.Or(e.NamespaceLabel, "namespace")
	e.PodLabel = cmp.Or(e.PodLabel, "pod")
	e.ContainerLabel = cmp.Or(e.ContainerLabel, "container")
	if e.ReplicaLabels == nil {
		e.ReplicaLabels = slices.Clone(defaultReplicas)
	}
	e.Dedup = ptr.Deref(s.dedup, true)
	e.InsecureTLS = isTrue(s.insecuressl)
	e.LatencyOffset = ptr.Deref(s.latencyOffset, defaultOffset)
	e.ShardSize = cmp.Or(e.ShardSize, defaultShard)
	e.Window = cmp.Or(e.Window, max(shortestWindow, every+windowBeyond))
	e.RequestTimeout = cmp.Or(s.requestTimeout, min(longestQuery, every*9/10))
	return e
}
