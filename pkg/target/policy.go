package target

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// Policy decides at which addresses kubelets are scraped. Every client that may write a Node's status chooses its addresses, and every request carries
// Plimsoll's credentials. The zero value refuses local addresses, and has no API server.
type Policy struct {
	// AllowLocal accepts addresses that only this host or its network segment has, for simulated kubelets.
	AllowLocal bool
	// APIServers are the addresses of the cluster's API server.
	APIServers []Endpoint
}

// Endpoint is a host, as an IP address or a name, and one of its ports. A kubelet may listen on another port of that host: in some clusters the API
// server runs on a node.
type Endpoint struct {
	Host string
	Port uint16
}

// AddressError is an address that the policy refuses. Its text is the same whenever the address is.
type AddressError struct {
	// Address is the text in the Node's status, or what a name resolved to. It may have any length and any characters.
	Address string
	// Reason continues a sentence that begins with the address.
	Reason string
}

// Error has the address, the reason and the cure.
func (e *AddressError) Error() string {
	return fmt.Sprintf("address %s %s: correct the addresses in the node's status", excerpt.Quote(e.Address), e.Reason)
}

const (
	allowLocal = ", where no kubelet is scraped unless --kubelet-allow-local-addresses allows it"
	apiServer  = "is the API server's own, which is not a kubelet"
)

// Check returns an AddressError for an IP address and a port at which no kubelet may be scraped. An IPv4 address may be written as IPv6.
func (p Policy) Check(at netip.AddrPort) error {
	ip := at.Addr().Unmap()
	if kind := local(ip); kind != "" && !p.AllowLocal {
		return &AddressError{at.String(), "is " + kind + allowLocal}
	}
	for _, e := range p.APIServers {
		if own, err := netip.ParseAddr(e.Host); err == nil && own.Unmap() == ip && e.Port == at.Port() {
			return &AddressError{at.String(), apiServer}
		}
	}
	return nil
}

// checkName is Check for a name that is not resolved yet.
func (p Policy) checkName(name string, port uint16) error {
	for _, e := range p.APIServers {
		if strings.EqualFold(e.Host, name) && e.Port == port {
			return &AddressError{name, apiServer}
		}
	}
	return nil
}

// NamesAt returns the names of API servers at a port. No kubelet may be scraped at the addresses that they resolve to: the caller resolves them.
func (p Policy) NamesAt(port uint16) (names []string) {
	for _, e := range p.APIServers {
		if _, err := netip.ParseAddr(e.Host); err != nil && e.Host != "" && e.Port == port {
			names = append(names, e.Host)
		}
	}
	return names
}

// ResolvedToAPIServer is the error for an address that a name of the API server resolves to.
func ResolvedToAPIServer(at netip.AddrPort) error { return &AddressError{at.String(), apiServer} }

// local names the kind of an address that is valid only on this host or its network segment, or is no host's; empty for every other address.
func local(ip netip.Addr) string {
	switch {
	case ip.IsLoopback():
		return "a loopback address"
	case ip.IsLinkLocalUnicast():
		return "a link-local address"
	case ip.IsMulticast():
		return "a multicast address"
	case ip.IsUnspecified():
		return "an unspecified address"
	case ip == broadcast:
		return "the broadcast address"
	}
	return ""
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})
