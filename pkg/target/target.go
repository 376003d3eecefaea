package target

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Paths of a kubelet's two answers. The summary is asked for without what needs a walk over the node's disks.
const (
	ResourcePath = "/metrics/resource"
	SummaryPath  = "/stats/summary?only_cpu_and_memory=true"
	// FullSummaryPath is the summary with all that it has.
	FullSummaryPath = "/stats/summary"
)

// Target is one node and how it is scraped. It is a value: two targets that are equal are scraped alike.
type Target struct {
	// Node, UID and Boot are the node's name, the identity of its object and of its last boot.
	Node, UID, Boot string
	// Source is the index of the source that the node belongs to.
	Source int
	// URL is the whole address of the kubelet's answer, at the first of Hosts.
	URL string
	// Hosts are the addresses at which the kubelet may be, each with the port, with a space between two: the preferred one first. Empty
	// where there is only that of URL.
	Hosts string
	// Ready is what the node's own Ready condition says.
	Ready bool
	// SummaryURL is the whole address of the kubelet's answer that tells its own rates, and may have the containers that the
	// answer of URL lacks; empty where URL is that, or there is none.
	SummaryURL string
	// ExtraSummaryURL and FullSummaryURL are the whole addresses of the responses from which extra resources are read apart from CPU and
	// memory, at SummaryPath and FullSummaryPath; empty where none is read from there.
	ExtraSummaryURL, FullSummaryURL string
	// CPU is the node's capacity in nanocores, Memory in bytes; 0 where it is unknown.
	CPU, Memory uint64
	// Swap is the node's swap space in bytes; 0 where it has none or nobody asks for its use.
	Swap uint64
}

// Config says how nodes are reached.
type Config struct {
	// Scheme is https, or http for a kubelet's read-only port.
	Scheme string
	// Path is ResourcePath or SummaryPath.
	Path string
	// Port is the kubelet's port where the node's status is not asked.
	Port int
	// UseNodeStatusPort takes the port from the node's status where it has one.
	UseNodeStatusPort bool
	// AddressTypes are the kinds of addresses to use, best first.
	AddressTypes []corev1.NodeAddressType
	// OneType tries the addresses of the first type alone of which the node has any that is accepted, for servers that are not verified: an
	// address that fails may then not have another kind of network answer in the node's place.
	OneType bool
	// Policy decides which of these addresses may be a kubelet's.
	Policy Policy
	// Extra are the extra resources that are served.
	Extra sample.ResourceSet
}

// For says how a node is scraped. The error says why it cannot be.
func (c Config) For(n *cluster.Node) (Target, error) {
	addresses, err := c.addresses(n)
	if err != nil {
		return Target{}, err
	}
	base, err := c.base(addresses[0])
	if err != nil {
		return Target{}, err
	}
	t := Target{
		Node:   n.Name,
		UID:    n.UID,
		Boot:   n.Boot,
		URL:    base + c.asking(c.path(n)),
		Hosts:  strings.Join(addresses, " "),
		Ready:  n.Ready,
		CPU:    n.CPU,
		Memory: n.Memory,
	}
	if c.Extra.Has(sample.Swap) {
		t.Swap = n.Swap
	}
	c.addSummaries(&t, base, c.path(n))
	return t, nil
}

// addSummaries adds the addresses of the summaries that are requested beside the path, which a simulator's own path has none of.
func (c Config) addSummaries(t *Target, base, path string) {
	if path == ResourcePath {
		t.SummaryURL = base + SummaryPath
		if c.Extra.CheapestFrom(sample.Summary) != 0 {
			t.ExtraSummaryURL = t.SummaryURL
		}
	}
	if c.Extra.CheapestFrom(sample.FullSummary) != 0 && (path == ResourcePath || path == SummaryPath) {
		t.FullSummaryURL = base + FullSummaryPath
	}
}

// path follows a node's annotation to the path at which simulators such as kwok serve just this node, and nowhere else: who may
// annotate a node could have any URL asked for with Plimsoll's credentials.
func (c Config) path(n *cluster.Node) string {
	own := "/metrics/nodes/" + n.Name + ResourcePath
	if c.Path == ResourcePath && n.MetricsPath == own {
		return own
	}
	return c.Path
}
