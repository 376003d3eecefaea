package target

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// maxAddresses limits the addresses of a node that are tried. A kubelet reports two or three.
const maxAddresses = 8

// addresses are those at which the kubelet may listen, each with the port: all of the preferred type first, in the order of the node's status, and with
// OneType only these. Addresses that the policy refuses are left out; the error is about the first of them, where none is left.
func (c Config) addresses(n *cluster.Node) (addresses []string, err error) {
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
			address, err := c.Policy.Join(a.Address, port)
			switch {
			case err != nil && refused == nil:
				refused = fmt.Errorf("node %s cannot be reached at its %s: %w", n.Name, kind, err)
			case err == nil && len(addresses) < maxAddresses && !slices.Contains(addresses, address):
				addresses = append(addresses, address)
			}
		}
		if c.OneType && len(addresses) > 0 {
			break
		}
	}
	switch {
	case len(addresses) > 0:
		return addresses, nil
	case refused != nil:
		return nil, refused
	}
	return nil, fmt.Errorf("node %s has no address of a type in --kubelet-preferred-address-types=%v: add one of the types that it has: %v",
		n.Name, c.AddressTypes, excerpt.Of(fmt.Sprint(addressTypes(n))))
}

// names are the node's name, and then its addresses of all types.
func (c Config) names(n *cluster.Node) []string {
	names := []string{n.Name}
	for _, a := range n.Addresses {
		host, err := c.Policy.Join(a.Address, 0)
		if host = strings.TrimSuffix(host, ":0"); err == nil && len(names) <= maxAddresses && !slices.Contains(names, host) {
			names = append(names, host)
		}
	}
	return names
}

// ErrPort is a port in a Node's status at which no kubelet is expected.
var ErrPort = errors.New("no kubelet is expected at that port: correct it, or allow it with --kubelet-node-status-port-range")

// port is the source's, or with UseNodeStatusPort the node's.
func (c Config) port(n *cluster.Node) (uint16, error) {
	port := int(n.KubeletPort)
	switch {
	case !c.UseNodeStatusPort || port == 0:
		port = c.Port
	case port != c.Port && !c.StatusPorts.Contains(port):
		return 0, fmt.Errorf("node %s has the kubelet's port %d in its status, which is neither %d nor in the range %v: %w", n.Name, port, c.Port, c.StatusPorts, ErrPort)
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
