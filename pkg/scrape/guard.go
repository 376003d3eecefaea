package scrape

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/plimsoll/plimsoll/pkg/target"
)

// dialTimeout bounds one connection to one IP address. The deadline of a request is shorter by default.
const dialTimeout = 30 * time.Second

// guard refuses connections to addresses that no kubelet may have. Only here is it known where a name in a node's status leads.
type guard struct {
	policy target.Policy
	lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)
}

func newGuard(p target.Policy) *guard {
	return &guard{policy: p, lookup: net.DefaultResolver.LookupNetIP}
}

// dial connects to a host and port. Of the addresses of a name those that are refused are left out.
func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second, ControlContext: g.control}
	return d.DialContext(ctx, network, address)
}

// control implements net.Dialer.ControlContext: it is called with an IP address before the connection is made.
func (g *guard) control(ctx context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("read the address of a connection: %w", err)
	}
	if err := g.policy.Check(at); err != nil {
		return err
	}
	// Only a connection to the API server's port can reach the API server: one to another port needs no look-up, and cannot fail by it.
	for _, name := range g.policy.NamedAt(at.Port()) {
		ips, err := g.lookup(ctx, "ip", name)
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
