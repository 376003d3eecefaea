// Package target decides where and how a node is scraped: the address, the port and the path, from the Node object and the flags.
//
// It stands between package cluster, which watches the nodes, and package scrape, which scrapes them. It is pure: the same node and
// configuration give the same target.
package target

import (
	"net/url"
	"strings"

	corev1 "k8s.io/api/core/v1"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/plimsoll/plimsoll/pkg/address"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Paths of a kubelet's endpoints. SummaryPath leaves out what needs a walk over the node's disks.
const (
	ResourcePath = "/metrics/resource"
	SummaryPath  = "/stats/summary?only_cpu_and_memory=true"
	// FullSummaryPath is the summary with local disks.
	FullSummaryPath = "/stats/summary"
)

// Target is one node and how it is scraped. It is a value: equal targets are scraped in the same way.
type Target struct {
	// Node, UID and Boot are the node's name, the identity of its object and of its last boot.
	Node, UID, Boot string
	// Source is the index of the source that the node belongs to.
	Source int
	// URL is the endpoint of CPU and memory, at the first of Addresses.
	URL string
	// Addresses are those at which the kubelet may listen, each with the port, separated by spaces, the preferred one first. It is empty where URL has
	// the only one.
	Addresses string
	// Names are the node's name and its addresses of all types that the policy accepts, separated by spaces, for the verification of its kubelet's
	// certificate; empty where that is verified by the address.
	Names string
	// Ready is true where the Node's condition Ready is.
	Ready bool
	// SummaryURL is the endpoint of the kubelet's own rates, which may also have containers that are missing at URL; empty where URL is that endpoint, or
	// there is none.
	SummaryURL string
	// ExtraSummaryURL and FullSummaryURL are the endpoints of extra resources and details that need a request of their own, at SummaryPath and FullSummaryPath; empty
	// where none is read there.
	ExtraSummaryURL, FullSummaryURL string
	// CPU is the node's capacity in nanocores, Memory in bytes; 0 where it is unknown.
	CPU, Memory uint64
	// Swap is the node's swap space in bytes; 0 where it has none, or where swap is not served.
	Swap uint64
}

// Address is the preferred address, with the port.
func (t Target) Address() string {
	first, _, _ := strings.Cut(t.Addresses, " ")
	return first
}

// Config describes how the nodes of a source are scraped.
type Config struct {
	// Scheme is https, or http for a kubelet's read-only port.
	Scheme string
	// Path is ResourcePath or SummaryPath.
	Path string
	// Port is the kubelet's port, unless UseNodeStatusPort takes it from the node.
	Port int
	// UseNodeStatusPort takes the port from the node's status where it has one, if that is Port or one of StatusPorts.
	UseNodeStatusPort bool
	StatusPorts       utilnet.PortRange
	// AddressTypes are the types of addresses to use, the preferred one first.
	AddressTypes []corev1.NodeAddressType
	// OneType uses only the addresses of the first type of which the policy accepts any. It is for kubelets that are not verified: otherwise a server in
	// another network could respond in the kubelet's place where a connection fails.
	OneType bool
	// VerifyNodeName is true where the kubelet's certificate is verified by the node, not by the address.
	VerifyNodeName bool
	// Policy decides which of these addresses are accepted.
	Policy address.Policy
	// Extra are the extra resources that are served.
	Extra sample.ResourceSet
	// Details is true where the details of the full summary are needed.
	Details bool
}

// For returns how a node is scraped. The error is the reason why it cannot be.
func (c Config) For(n *cluster.Node) (Target, error) {
	addresses, err := c.addresses(n)
	if err != nil {
		return Target{}, err
	}
	base := c.Scheme + "://" + addresses[0]
	t := Target{
		Node:      n.Name,
		UID:       n.UID,
		Boot:      n.Boot,
		URL:       base + c.withSeries(c.path(n)),
		Addresses: strings.Join(addresses, " "),
		Ready:     n.Ready,
		CPU:       n.CPU,
		Memory:    n.Memory,
	}
	if c.Extra.Has(sample.Swap) {
		t.Swap = n.Swap
	}
	if c.VerifyNodeName {
		t.Names = strings.Join(c.names(n), " ")
	}
	c.addSummaries(&t, base, c.path(n))
	return t, nil
}

// addSummaries adds the summaries that are requested beside the path. A simulator's own path has none.
func (c Config) addSummaries(t *Target, base, path string) {
	if path == ResourcePath {
		t.SummaryURL = base + SummaryPath
		if c.Extra.CheapestFrom(sample.Summary) != 0 {
			t.ExtraSummaryURL = t.SummaryURL
		}
	}
	if (c.Details || c.Extra.CheapestFrom(sample.FullSummary) != 0) && (path == ResourcePath || path == SummaryPath) {
		t.FullSummaryURL = base + FullSummaryPath
	}
}

// path is the configured one, or the one in the node's annotation if that is the path at which simulators such as kwok serve this node. Any other value is
// ignored: a client that may annotate a node could otherwise have requests sent to any URL, with Plimsoll's credentials.
func (c Config) path(n *cluster.Node) string {
	own := "/metrics/nodes/" + n.Name + ResourcePath
	if c.Path == ResourcePath && n.MetricsPath == own {
		return own
	}
	return c.Path
}

// withSeries adds the names of the needed series to /metrics/resource. A kubelet with client_golang 1.24 or newer sends only these, about half of the
// bytes; an older one ignores the names.
func (c Config) withSeries(path string) string {
	if path != ResourcePath {
		return path
	}
	return path + "?" + url.Values{"name[]": c.series()}.Encode()
}

// series are the names of the series that are decoded. The last two report that the kubelet could not collect: the second is the name before
// Kubernetes 1.29.
func (c Config) series() []string {
	names := []string{
		"container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "container_start_time_seconds",
		"node_cpu_usage_seconds_total", "node_memory_working_set_bytes",
		"resource_scrape_error", "scrape_error",
	}
	for r := range c.Extra.From(sample.MetricsResource).All() {
		names = append(names, r.Info().ContainerSeries, r.Info().NodeSeries)
	}
	return names
}
