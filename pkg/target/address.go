package target

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// maxHosts bounds how many addresses of a node are tried. A kubelet reports two or three.
const maxHosts = 8

// hosts are the addresses at which the node's kubelet may be, each with the port: all of the preferred type first, in the order of the
// node's status, and with OneType no others. Addresses that are refused are left out; the error is about the first of them, where no other is left.
func (c Config) hosts(n *cluster.Node) (hosts []string, err error) {
	port, err := c.port(n)
	if err != nil {
		return nil, err
	}
	var refused error
	for _, kind := range c.AddressTypes {
		for _, a := range n.Addresses {
			if a.Type != kind || a.Address == "" {
				continue
			}
			host, err := c.Policy.host(a.Address, port)
			switch {
			case err != nil && refused == nil:
				refused = fmt.Errorf("node %s cannot be reached at its %s: %w", n.Name, kind, err)
			case err == nil && len(hosts) < maxHosts && !slices.Contains(hosts, host):
				hosts = append(hosts, host)
			}
		}
		if c.OneType && len(hosts) > 0 {
			break
		}
	}
	switch {
	case len(hosts) > 0:
		return hosts, nil
	case refused != nil:
		return nil, refused
	}
	return nil, fmt.Errorf("node %s has no address of a type in --kubelet-preferred-address-types=%v: add one of the types that it has: %v",
		n.Name, c.AddressTypes, excerpt.Of(fmt.Sprint(addressTypes(n))))
}

// host returns an address and a port as in the host of a URL.
func (p Policy) host(address string, port uint16) (string, error) {
	if ip, err := netip.ParseAddr(address); err == nil {
		if ip.Zone() != "" {
			return "", &AddressError{address, "has a zone, which means something on its own host only"}
		}
		at := netip.AddrPortFrom(ip.Unmap(), port)
		return at.String(), p.Check(at)
	}
	name := strings.ToLower(address)
	if len(validation.IsDNS1123Subdomain(name)) > 0 {
		return "", &AddressError{address, "is neither an IP address nor a DNS name"}
	}
	return net.JoinHostPort(name, strconv.Itoa(int(port))), p.checkName(name, port)
}

// errURL is a fault of ours: an address that was accepted and yet changes the URL.
var errURL = errors.New("the URL leads elsewhere")

// base is the URL of a host, without a path. It is made of fields and read again: it must lead to that host and carry nothing else.
func (c Config) base(host string) (string, error) {
	made := url.URL{Scheme: c.Scheme, Host: host}
	read, err := url.Parse(made.String())
	if err != nil {
		return "", fmt.Errorf("make a URL of %s: %w", host, err)
	}
	if *read != made {
		return "", fmt.Errorf("make a URL of %s: %w", host, errURL)
	}
	return made.String(), nil
}

// port is the source's, or with UseNodeStatusPort the node's.
func (c Config) port(n *cluster.Node) (uint16, error) {
	port := n.KubeletPort
	switch {
	case !c.UseNodeStatusPort || port == 0:
		return uint16(c.Port), nil
	case port < 0 || port > 65535:
		return 0, fmt.Errorf("node %s has the kubelet's port %d in its status, which is not from 1 to 65535: correct it, or set the port of all kubelets with --kubelet-port",
			n.Name, port)
	}
	return uint16(port), nil
}

func addressTypes(n *cluster.Node) []corev1.NodeAddressType {
	var kinds []corev1.NodeAddressType
	for _, a := range n.Addresses {
		kinds = append(kinds, a.Type)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
