package source

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// Kind is what a source reads: an endpoint of kubelets, or an engine that has read kubelets.
//
// A further kind is a constant and a prefix here. Beside that it concerns writePrefix (parsespec.go), the options and what they are about (options.go,
// setters.go, values in spec.go), which options contradict it (contradictions.go, enginerules.go), what the address after the colon means (address.go,
// access.go), which sources it shadows (shadowed.go), and the notes (notes.go).
// Outside of this package: the files of its options (validateFiles in cmd/plimsoll/app/options/source.go), the help of --source in scrape.go there,
// docs/command-line-flags.txt, docs/sources.md, docs/flags.md and docs/troubleshooting.md. The sources of one cluster have one collector: see
// collectorKinds in cmd/plimsoll/app/collector.go.
type Kind uint8

const (
	// Resource is /metrics/resource: CPU and memory in the Prometheus text format.
	Resource Kind = iota
	// Summary is /stats/summary: the kubelet's own JSON.
	Summary
	// Prometheus is a Prometheus-compatible engine, which has scraped the kubelets.
	Prometheus
)

// prefixes are written at the beginning of a source, by the kind that they select.
var prefixes = [...]string{Resource: "kubernetes", Summary: "kubernetes.summary_api", Prometheus: "prometheus"}

// String returns the prefix that selects the kind.
func (k Kind) String() string { return prefixes[k] }

// Source is one value of --source with every default filled in. Its slices may be shared with the defaults: do not change them.
type Source struct {
	// Kind is what is read.
	Kind Kind
	// Raw is the value as it was written, for messages.
	Raw string
	// Cluster is the name of the cluster; empty for the home cluster, whose users Plimsoll trusts.
	Cluster string
	// API is how the cluster's API server is reached, the same for every source of a cluster.
	API Access
	// Kubelet is how the cluster's kubelets are reached; the zero value for the kind Prometheus.
	Kubelet Kubelet
	// Engine is the engine of the kind Prometheus; the zero value for other kinds.
	Engine Engine
	// NodeSelector selects the nodes; never nil.
	NodeSelector labels.Selector
	// Resolution is the time from one scrape of a node to the next.
	Resolution time.Duration
	// Notes are sentences for the log, without the source's name: what the value does otherwise than in Heapster, and effects that may surprise.
	Notes []string
}

// String returns the value as it was written, quoted.
func (s Source) String() string { return language.Quote(s.Raw) }

// Redacted returns the value as it was written, without secrets.
func (s Source) Redacted() string { return Redact(s.Raw) }

// Redact returns a value of --source without secrets; it need not be valid.
func Redact(value string) string { return language.Redact(value) }

// Access describes how an API server is reached. InCluster and Kubeconfig exclude each other; with neither there are no credentials but those of
// UseServiceAccount.
type Access struct {
	// Server is the http or https URL, without a slash at its end; it replaces the server of the configuration. Empty leaves that.
	Server string
	// InCluster uses the configuration that a pod of the cluster has.
	InCluster bool
	// Kubeconfig is a file to use with its current context; empty for none.
	Kubeconfig string
	// Insecure accepts any certificate from the API server.
	Insecure bool
	// UseServiceAccount sends the token that is mounted into the pod, in place of any other credentials.
	UseServiceAccount bool
}

// Kubelet describes how kubelets are reached, and which certificates of theirs are accepted.
type Kubelet struct {
	// HTTPS is false for the read-only port, which needs no credentials. The fields about certificates are empty then.
	HTTPS bool
	// Port is from 1 to 65535. It is used for every node, unless UseNodeStatusPort.
	Port int
	// UseNodeStatusPort takes the port from the Node's status, if that is Port or one of StatusPorts.
	UseNodeStatusPort bool
	StatusPorts       utilnet.PortRange
	// AddressTypes are in the order of preference.
	AddressTypes []corev1.NodeAddressType
	// AllowLocalAddresses accepts addresses that only Plimsoll's own host has, and those of its network segment.
	AllowLocalAddresses bool
	// CAFile, CertFile and KeyFile replace what the API server's access has; empty leaves it.
	CAFile, CertFile, KeyFile string
	// VerifyNodeName accepts a certificate that is valid for the node, in place of one that is valid for the address that is dialled. It is false with
	// InsecureTLS.
	VerifyNodeName bool
	// InsecureTLS accepts any certificate. CAFile is empty then.
	InsecureTLS bool
	// RequestTimeout limits one request. It is shorter than the resolution.
	RequestTimeout time.Duration
}
