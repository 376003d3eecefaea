package bench

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/plimsoll/plimsoll/test/framework/cluster"
)

// greet connects to each kubelet once, which then has its certificate: the kubelet creates it at the first connection, and it should not be
// to the cost of the server that comes first.
func greet(ctx context.Context, b *cluster.Cluster) error {
	const atOnce = 8
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	for i, node := range b.Fleet.Nodes() {
		address := net.JoinHostPort(b.Fleet.Address(i).String(), strconv.Itoa(b.Fleet.Port()))
		g.Go(func() error {
			conn, err := dialer.DialContext(ctx, "tcp", address)
			if err != nil {
				return fmt.Errorf("greet the kubelet of %s: %w", node, err)
			}
			return conn.Close()
		})
	}
	return g.Wait()
}
