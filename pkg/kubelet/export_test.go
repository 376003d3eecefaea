package kubelet

import (
	"context"
	"net"

	"k8s.io/client-go/rest"
)

// What tests of a caller's view need of this package.
const (
	MaxHeader, MinAllowed, AllowedPerByte, ReadAhead = maxHeader, minAllowed, allowedPerByte, readAhead
)

// NewClientOver returns a client whose connections are made by a function of the test's, and are verified by nothing.
func NewClientOver(dial func(ctx context.Context, network, address string) (net.Conn, error), memory *Memory) (*Client, error) {
	client := newPlainClient(dial)
	client.memory = memory
	var err error
	client.certificates, err = newCertificates(&rest.Config{TLSClientConfig: rest.TLSClientConfig{Insecure: true}})
	return client, err
}

// WrapConnections passes each new connection of a client through a function.
func (c *Client) WrapConnections(wrap func(net.Conn) net.Conn) {
	dial := c.dial
	c.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return wrap(conn), nil
	}
}
