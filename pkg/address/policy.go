// Package address decides at which network addresses a kubelet may be scraped. Package target applies it to the addresses of a Node, package
// kubelet to the address of each connection: only there is a name resolved. It is a leaf.
package address

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// Policy decides at which addresses kubelets are scraped. Every client that may write a Node's status chooses its addresses, and every request carries
// Plimsoll's credentials. The zero value refuses local addresses, and has no API server.
type Policy struct {
	// AllowLocal accepts addresses that only this host or its network segment has, for simulated kubelets.
	AllowLocal bool
	// APIServers are the addresses of the cluster's API server. A kubelet may listen on another port of the same host.
	APIServers []HostPort
}

// HostPort is a host, as an IP address or a name, and one of its ports.
type HostPort struct {
	Host string
	Port uint16
}

// Error is an address that the policy refuses. Its text is the same whenever the address is.
type Error struct {
	// Address is the text in the Node's status, or what a name resolved to. It may have any length and any characters.
	Address string
	// Reason continues a sentence that begins with the address.
	Reason string
}

// Error has the address, the reason and the cure.
func (e *Error) Error() string {
	return fmt.Sprintf("address %s %s: correct the addresses in the node's status", excerpt.Quote(e.Address), e.Reason)
}

const (
	allowLocal = ", where no kubelet is scraped unless --kubelet-allow-local-addresses allows it"
	apiServer  = "is the API server's own, which is not a kubelet"
)

// Join returns an address of a Node's status with a port, as a URL has them, or an *Error. It resolves no name.
func (p Policy) Join(address string, port uint16) (string, error) {
	if ip, err := netip.ParseAddr(address); err == nil {
		if ip.Zone() != "" {
			return "", &Error{address, "has a zone, which is only valid on its own host"}
		}
		at := netip.AddrPortFrom(ip.Unmap(), port)
		return at.String(), p.check(at)
	}
	name := strings.ToLower(address)
	switch {
	case len(validation.IsDNS1123Subdomain(name)) > 0:
		return "", &Error{address, "is neither an IP address nor a DNS name"}
	case p.isAPIServer(name, port):
		return "", &Error{name, apiServer}
	}
	return net.JoinHostPort(name, strconv.Itoa(int(port))), nil
}

// Check returns an *Error for a connection to an address at which no kubelet may be scraped. It resolves the names of API servers, with lookup, only
// where the port is theirs: a connection to another port cannot fail by that.
func (p Policy) Check(ctx context.Context, at netip.AddrPort, lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)) error {
	if err := p.check(at); err != nil {
		return err
	}
	for _, s := range p.APIServers {
		if _, err := netip.ParseAddr(s.Host); err == nil || s.Host == "" || s.Port != at.Port() {
			continue
		}
		ips, err := lookup(ctx, "ip", s.Host)
		if err != nil {
			return fmt.Errorf("find out whether %s is the API server: %w", at, err)
		}
		if slices.ContainsFunc(ips, func(ip netip.Addr) bool { return ip.Unmap() == at.Addr().Unmap() }) {
			return &Error{at.String(), apiServer}
		}
	}
	return nil
}

// check is Check without names. An IPv4 address may be written as IPv6.
func (p Policy) check(at netip.AddrPort) error {
	ip := at.Addr().Unmap()
	if kind := local(ip); kind != "" && !p.AllowLocal {
		return &Error{at.String(), "is " + kind + allowLocal}
	}
	if p.isAPIServer(ip.String(), at.Port()) {
		return &Error{at.String(), apiServer}
	}
	return nil
}

// isAPIServer is true for the port of an API server at a host, which is a name or an IP address in its shortest form.
func (p Policy) isAPIServer(host string, port uint16) bool {
	return slices.ContainsFunc(p.APIServers, func(s HostPort) bool {
		ip, err := netip.ParseAddr(s.Host)
		return s.Port == port && (strings.EqualFold(s.Host, host) || err == nil && ip.Unmap().String() == host)
	})
}

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
	case ip == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "the broadcast address"
	}
	return ""
}
