package target

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
)

// Paths of a kubelet's two answers. The summary is asked for without what needs a walk over the node's disks.
const (
	ResourcePath = "/metrics/resource"
	SummaryPath  = "/stats/summary?only_cpu_and_memory=true"
	// DiskPath is the summary with all that it has.
	DiskPath = "/stats/summary"
)

// Target is one node and how it is scraped. It is a value: two targets that are equal are scraped alike.
type Target struct {
	// Node, UID and Boot are the node's name, the identity of its object and of its last boot.
	Node, UID, Boot string
	// Source is the index of the source that the node belongs to.
	Source int
	// URL is the whole address of the kubelet's answer.
	URL string
	// Ready is what the node's own Ready condition says.
	Ready bool
	// SummaryURL is the whole address of the kubelet's answer that tells its own rates, and may have the containers that the
	// answer of URL lacks; empty where URL is that, or there is none.
	SummaryURL string
	// DiskURL is the whole address of the kubelet's answer that tells of local disks; empty where nobody asks for that.
	DiskURL string
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
	// Swap asks for the use of swap space.
	Swap bool
	// Disk asks for the use of local disk space.
	Disk bool
}

// For says how a node is scraped. The error says why it cannot be.
func (c Config) For(n *corev1.Node) (Target, error) {
	address, err := c.address(n)
	if err != nil {
		return Target{}, err
	}
	base := c.Scheme + "://" + net.JoinHostPort(address, strconv.Itoa(c.port(n)))
	if _, err := url.Parse(base); err != nil {
		return Target{}, fmt.Errorf("node %s has an address that makes no URL: %w", n.Name, err)
	}
	t := Target{
		Node:   n.Name,
		UID:    string(n.UID),
		Boot:   n.Status.NodeInfo.BootID,
		URL:    base + c.asking(c.path(n)),
		Ready:  isReady(n),
		CPU:    uint64(max(n.Status.Capacity.Cpu().MilliValue(), 0)) * nanoPerMilli,
		Memory: uint64(max(n.Status.Capacity.Memory().Value(), 0)),
	}
	if swap := n.Status.NodeInfo.Swap; c.Swap && swap != nil && swap.Capacity != nil {
		t.Swap = uint64(max(*swap.Capacity, 0))
	}
	path := c.path(n)
	if c.Disk && (path == ResourcePath || path == SummaryPath) {
		t.DiskURL = base + DiskPath
	}
	if path == ResourcePath {
		t.SummaryURL = base + SummaryPath
	}
	return t, nil
}

const nanoPerMilli = 1e6

func (c Config) address(n *corev1.Node) (string, error) {
	for _, kind := range c.AddressTypes {
		for _, a := range n.Status.Addresses {
			if a.Type == kind && a.Address != "" {
				return a.Address, nil
			}
		}
	}
	return "", fmt.Errorf("node %s has no address of a type in --kubelet-preferred-address-types=%v: add one of the types that it has: %v",
		n.Name, c.AddressTypes, addressTypes(n))
}

func addressTypes(n *corev1.Node) []corev1.NodeAddressType {
	var kinds []corev1.NodeAddressType
	for _, a := range n.Status.Addresses {
		kinds = append(kinds, a.Type)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func (c Config) port(n *corev1.Node) int {
	if port := n.Status.DaemonEndpoints.KubeletEndpoint.Port; c.UseNodeStatusPort && port > 0 {
		return int(port)
	}
	return c.Port
}

// path follows a node's annotation to the path at which simulators such as kwok serve just this node, and nowhere else: who may
// annotate a node could have any URL asked for with Plimsoll's credentials.
func (c Config) path(n *corev1.Node) string {
	own := "/metrics/nodes/" + n.Name + ResourcePath
	if c.Path == ResourcePath && n.Annotations[cluster.PathAnnotation] == own {
		return own
	}
	return c.Path
}

func isReady(n *corev1.Node) bool {
	return slices.ContainsFunc(n.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}
