package kubelet

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/plimsoll/plimsoll/pkg/address"
)

// dialFunc makes a network connection to a host and port.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// newDial returns a dialFunc that refuses connections to addresses that the policy excludes. Of the addresses of a name, those are skipped.
func newDial(p address.Policy) dialFunc {
	check := func(ctx context.Context, _, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("parse the address of a connection: %w", err)
		}
		return p.Check(ctx, at, net.DefaultResolver.LookupNetIP)
	}
	// The timeout is of one IP address. The deadline of a request is earlier by default.
	return (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, ControlContext: check}).DialContext
}
