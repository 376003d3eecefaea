package kubelet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
)

// connect connects to the first address that takes a connection.
func (c *Conn) connect(r *http.Request, config *tls.Config) error {
	addresses := c.failover.order(c.Addresses)
	if len(addresses) == 0 {
		addresses = []string{hostPort(r.URL)}
	}
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

func hostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// open connects to an address, with the TLS configuration if that is not nil. The dial takes at most a part, from 0 to 1, of the remaining time;
// TLS has the rest.
func (c *Conn) open(ctx context.Context, part float64, address string, config *tls.Config) (*persistConn, error) {
	s, err := c.dial(ctx, part, address)
	if err != nil {
		return nil, err
	}
	records := &recordReader{Conn: s}
	p := &persistConn{Conn: records, records: records, socket: s, address: address, config: config}
	if config != nil {
		if p.Conn, err = handshake(ctx, records, address, config); err != nil {
			s.Close()
			return nil, err
		}
	}
	c.quiet(p)
	return p, nil
}

func handshake(ctx context.Context, raw net.Conn, address string, config *tls.Config) (net.Conn, error) {
	config = config.Clone()
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, fmt.Errorf("parse the address %s of a kubelet: %w", address, err)
		}
		config.ServerName = host
	}
	secure := tls.Client(raw, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, handshakeError(err)
	}
	return secure, nil
}

// handshakeError says, as net/http does, that the other side responds without TLS.
func handshakeError(err error) error {
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(e.RecordHeader[:]) == "HTTP/" {
		return fmt.Errorf("%w: %w", http.ErrSchemeMismatch, err)
	}
	return fmt.Errorf("%w: %w", ErrHandshake, err)
}
