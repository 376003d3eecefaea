package kubelet

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Conn is the connection to one kubelet, kept from one request to the next. Its zero value is ready for use and connects with the first
// request. It carries one request at a time, belongs to one goroutine at a time, and must not be copied after its first use.
type Conn struct {
	// Addresses are the hosts with ports at which the kubelet may be reached, in order of preference; empty where there is only that of the URL. The
	// owner may replace the slice between two requests.
	Addresses []string
	// Names are the name of the kubelet's node and all addresses of the node, without ports: see Config.VerifyNodeName, without which they are not used. The
	// owner may replace the slice between two requests.
	Names []string
	// Worker runs the requests; nil for one that does nothing else meanwhile. The owner may change it between two requests.
	Worker Worker
	// OnUnrequestedBytes, where it is not nil, is called before the connection is closed because the kubelet sent bytes that no request asked for.
	OnUnrequestedBytes func(ctx context.Context)

	// client and transport are those of the latest request.
	client    *Client
	transport http.RoundTripper
	// persistent is the connection; nil where there is none.
	persistent *persistConn
	failover   failover
	blocking   blocking
	// sentAt is when the latest request was sent.
	sentAt time.Time
	// received is true once a byte of the response to the latest request has come, inUse until the body of that response is closed.
	received, inUse bool
}

// Close closes the connection, if there is one. The next request makes a new one.
func (c *Conn) Close() {
	if c.persistent != nil {
		c.persistent.abort()
	}
	c.persistent, c.inUse = nil, false
}

// send sends a request through a client's transport. The body of the response belongs to the connection.
func (c *Conn) send(client *Client, r *http.Request) (_ *http.Response, err error) {
	if c.client != client {
		c.Close() // It was made with the credentials of another client.
		c.client = nil
		if c.transport, err = client.transport(c); err != nil {
			return nil, err
		}
		c.client = client
	}
	c.blocking.worker, c.sentAt = c.Worker, time.Now()
	// Credentials may come from files or from a plugin. No redirect is followed: the transport alone is used.
	c.blocking.set(true)
	defer c.blocking.set(false)
	return c.transport.RoundTrip(r)
}

// addressesFor are the kubelet's addresses for a request to a URL.
func (c *Conn) addressesFor(u *url.URL) []string {
	if len(c.Addresses) > 0 {
		return c.Addresses
	}
	return []string{u.Host}
}

func (c *Conn) takeBuffers() { c.persistent.attach(c.client.buffers.Get().(*buffers)) }

func (c *Conn) returnBuffers() { c.client.buffers.Put(c.persistent.detach()) }

// discard closes the connection, whatever state it is in.
func (c *Conn) discard() {
	c.returnBuffers()
	c.Close()
}
