package kubelet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// connect connects to the first address that takes a connection.
func (c *Conn) connect(r *http.Request, config *tls.Config) error {
	addresses := c.failover.order(c.addressesFor(r.URL))
	var failed []FailedAddress
	for i, address := range addresses {
		p, err := c.open(r.Context(), dialShare(i, len(addresses)), address, config)
		if err == nil {
			c.persistent = p
			c.failover.connected(address)
			return nil
		}
		failed = append(failed, FailedAddress{address, err})
		if r.Context().Err() != nil {
			if errors.Is(err, ErrHandshake) {
				c.failover.unresponsive(address, c.Addresses)
			}
			break
		}
	}
	if len(addresses) == 1 {
		return failed[0].Err
	}
	return &AddressesError{failed}
}

// open connects to an address, with the TLS configuration if that is not nil. The dial takes at most a part, from 0 to 1, of the remaining time;
// TLS has the rest.
func (c *Conn) open(ctx context.Context, part float64, address string, config *tls.Config) (*persistConn, error) {
	s, err := c.dial(ctx, part, address)
	if err != nil {
		return nil, err
	}
	records := &recordReader{socket: s}
	p := &persistConn{Conn: records, records: records, address: address, config: config}
	if config != nil {
		if p.Conn, err = c.handshake(ctx, records, address, config.Clone()); err != nil {
			s.Close()
			return nil, err
		}
	}
	c.quiet(p)
	return p, nil
}

// handshake makes a TLS connection of another one. It changes the configuration.
func (c *Conn) handshake(ctx context.Context, raw net.Conn, address string, config *tls.Config) (net.Conn, error) {
	config.ServerName, _, _ = net.SplitHostPort(address) // It has been dialled.
	if c.client.verifyNodeName {
		identity{names: c.Names}.apply(config)
	}
	secure := tls.Client(raw, config)
	err := secure.HandshakeContext(ctx)
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(e.RecordHeader[:]) == "HTTP/" {
		return nil, fmt.Errorf("%w: %w", http.ErrSchemeMismatch, err) // As net/http has it.
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, fmt.Errorf("%w: %w", ErrHandshakeTimeout, err)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrHandshake, err)
	}
	return secure, nil
}
