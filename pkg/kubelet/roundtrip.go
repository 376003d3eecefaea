package kubelet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// minTimeToYield is how much time a request has left at least where its worker yields. A request with less waits for the response itself.
const minTimeToYield = 500 * time.Millisecond

// connTransport is the transport of a connection.
type connTransport struct{ conn *Conn }

// RoundTrip implements http.RoundTripper for requests without a body. A connection that the kubelet closed while it was idle is replaced, once,
// and only where no byte of a response has come: no kubelet works twice for one request.
func (t connTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	c := t.conn
	if c.inUse {
		return nil, errInUse
	}
	config := c.client.tlsFor(r)
	reused := c.isReusable(r, config)
	c.blocking.set(false)
	defer c.blocking.set(true)
	response, err := c.roundTrip(r, config)
	if err != nil && reused && !c.received && r.Context().Err() == nil {
		response, err = c.roundTrip(r, config)
	}
	if err != nil && r.Context().Err() != nil {
		err = c.endedBy(context.Cause(r.Context()), err)
	}
	// The kubelet wrote the names in its certificate and the first line of its response, and the node's status has its address.
	return response, excerpt.Error(err)
}

// endedBy is the error of a request whose context has ended: the cause of that, unless an error of connecting says more.
func (c *Conn) endedBy(cause, err error) error {
	_, isAddresses := errors.AsType[*AddressesError](err)
	switch {
	case isAddresses, errors.Is(err, ErrHandshake):
		return err
	case c.received:
		return fmt.Errorf("%w: %w", ErrSlow, cause)
	}
	return cause
}

// roundTrip sends a request and reads the header of the response, over the connection that there is or a new one. After an error there is none.
func (c *Conn) roundTrip(r *http.Request, config *tls.Config) (*http.Response, error) {
	c.received = false
	isNew := c.persistent == nil
	if isNew {
		if err := c.connect(r, config); err != nil {
			return nil, err
		}
	}
	p := c.persistent
	c.takeBuffers()
	stop := context.AfterFunc(r.Context(), p.abort)
	response, err := c.exchange(p, r)
	if err != nil {
		stop()
		if !c.received && (isNew || r.Context().Err() != nil) {
			c.failover.unresponsive(p.address, c.Addresses)
		}
		c.discard()
		return nil, err
	}
	c.inUse = true
	c.failover.responded()
	closes := response.Close || response.StatusCode < http.StatusOK
	response.Body = &responseBody{body: response.Body, conn: c, ctx: r.Context(), stop: stop, closes: closes}
	return response, nil
}

func (c *Conn) exchange(p *persistConn, r *http.Request) (*http.Response, error) {
	if err := p.writeRequest(r); err != nil {
		return nil, err
	}
	c.sentAt = time.Now()
	c.yield(r.Context())
	if err := p.awaitFirstByte(); err != nil {
		return nil, err
	}
	c.received = true
	return p.readHeader(r)
}

// yield leaves the worker and the buffers to other requests until the kubelet has probably responded.
func (c *Conn) yield(ctx context.Context) {
	deadline, bound := ctx.Deadline()
	if c.Worker == nil || bound && time.Until(deadline) < minTimeToYield {
		return
	}
	c.returnBuffers()
	c.Worker.Yield()
	c.takeBuffers()
}
