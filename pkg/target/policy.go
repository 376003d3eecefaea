package target

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// Policy decides which addresses may be a kubelet's. Who writes a Node's status chooses its addresses, and every request there carries
// Plimsoll's credentials. The zero value refuses local addresses, and knows of no API server.
type Policy struct {
	// AllowLocal accepts addresses that only this host or its network segment has, for simulated kubelets.
	AllowLocal bool
	// APIServers are where the cluster's API server is reached.
	APIServers []Endpoint
}

// Endpoint is a host, as an IP address or a name, and one of its ports. The host's other ports may be a kubelet's: in some clusters a node
// is where the API server is reached.
type Endpoint struct {
	Host string
	Port uint16
}

// AddressError says which address is refused, and why. It is the same for the same address.
type AddressError struct {
	// Address is as it was written, or as a name was resolved. It may have any length and any characters.
	Address string
	// Reason goes on with a sentence that begins with the address.
	Reason string
}

// Error names the address, the reason and the cure.
func (e *AddressError) Error() string {
	return fmt.Sprintf("address %s %s: correct the addresses in the node's status", excerpt.Quote(e.Address), e.Reason)
}

const (
	allowLocal = ", where no kubelet is asked unless --kubelet-allow-local-addresses allows it"
	apiServer  = "is the API server's own, which is no kubelet"
)

// Check returns an AddressError for an IP address and a port at which no kubelet may be asked. An IPv4 address may be written as IPv6.
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

// checkName is Check for a name, of which is not known where it leads.
func (p Policy) checkName(name string, port uint16) error {
	for _, e := range p.APIServers {
		if strings.EqualFold(e.Host, name) && e.Port == port {
			return &AddressError{name, apiServer}
		}
	}
	return nil
}

// NamedAt returns the names of API servers that a kubelet's address must not be one of, at a port: what they resolve to is to be checked.
func (p Policy) NamedAt(port uint16) (names []string) {
	for _, e := range p.APIServers {
		if _, err := netip.ParseAddr(e.Host); err != nil && e.Host != "" && e.Port == port {
			names = append(names, e.Host)
		}
	}
	return names
}

// ResolvedToAPIServer is the error about an address that a name of the API server resolves to.
func ResolvedToAPIServer(at netip.AddrPort) error { return &AddressError{at.String(), apiServer} }

// local names the kind of an address that only this host or its network segment has, or that is no host's; empty for others.
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
