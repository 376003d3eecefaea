package kubelet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// dialTimeout bounds the dial of one IP address. The deadline of a request is earlier by default.
const dialTimeout = 30 * time.Second

// dialFunc makes a network connection to a host and port.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// dialer refuses connections to addresses that the policy excludes. Package target checks addresses too, but only here is a name resolved.
type dialer struct {
	policy target.Policy
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

func newDialer(p target.Policy) *dialer {
	return &dialer{policy: p, lookup: net.DefaultResolver.LookupNetIP}
}

// dial connects to a host and port. Of the addresses of a name, those that are refused are skipped.
func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	nd := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second, ControlContext: d.check}
	return nd.DialContext(ctx, network, address)
}

// check implements net.Dialer.ControlContext: it is called with an IP address before the connection is made.
func (d *dialer) check(ctx context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("parse the address of a connection: %w", err)
	}
	if err := d.policy.Check(at); err != nil {
		return err
	}
	// Only a connection to the API server's port can reach the API server: a connection to another port needs no lookup, and cannot fail by it.
	for _, name := range d.policy.NamesAt(at.Port()) {
		ips, err := d.lookup(ctx, "ip", name)
		if err != nil {
			return fmt.Errorf("find out whether %s is the API server: %w", at, err)
		}
		for _, ip := range ips {
			if ip.Unmap() == at.Addr().Unmap() {
				return target.ResolvedToAPIServer(at)
			}
		}
	}
	return nil
}
