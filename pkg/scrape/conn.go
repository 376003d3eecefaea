package scrape

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
)

// conn is one connection to a kubelet.
type conn struct {
	// Conn is what is spoken through: TLS, or the wire itself.
	net.Conn
	wire *wire
	// buffers are there while a request is in flight.
	buffers *buffers
}

// attach gives the connection what it needs for a request.
func (c *conn) attach(b *buffers) {
	b.ahead.Reset(c.wire.Conn)
	b.limit.R = c.Conn
	b.head.Reset(&b.limit)
	c.wire.ahead, c.wire.secure, c.buffers = b.ahead, c.Conn != net.Conn(c.wire), b
}

// detach takes the buffers back, whatever they hold.
func (c *conn) detach() *buffers {
	b := c.buffers
	b.ahead.Reset(nil)
	b.head.Reset(nil)
	b.limit.R = nil
	c.wire.ahead, c.buffers = nil, nil
	return b
}

// send writes a request in one piece, to a host that may be another one than the URL's.
func (c *conn) send(r *http.Request, host string) error {
	if r.URL.Host != host && r.Host == r.URL.Host {
		there := *r
		there.Host = host
		r = &there
	}
	out := &c.buffers.out
	out.Reset()
	if err := r.Write(out); err != nil {
		return fmt.Errorf("write a request for %s: %w", r.URL, err)
	}
	_, err := c.Write(out.Bytes())
	return err
}

// heard waits for the beginning of an answer.
func (c *conn) heard() error {
	c.buffers.limit.N = maxHeader
	_, err := c.buffers.head.Peek(1)
	return err
}

// errHeader is an answer with a header that has no end.
var errHeader = errors.New("the answer's header is too large")

// errMalformed is an answer that is not what HTTP says an answer is: its first line, a field of its header, its length or its chunks. It may
// wrap an error of the network, which is the cause then.
var errMalformed = errors.New("the answer is malformed HTTP")

// maxInterim is how many interim answers may precede the one that counts.
const maxInterim = 5

// receive reads the header of the answer, which has begun.
func (c *conn) receive(r *http.Request) (*http.Response, error) {
	b := c.buffers
	for range maxInterim {
		response, err := http.ReadResponse(b.head, r)
		switch {
		case err != nil && b.limit.N <= 0:
			return nil, fmt.Errorf("%w: more than %d bytes", errHeader, maxHeader)
		case err != nil:
			return nil, fmt.Errorf("%w: read the header of an answer: %w", errMalformed, err)
		case response.StatusCode >= http.StatusOK || response.StatusCode == http.StatusSwitchingProtocols:
			b.limit.N = math.MaxInt64
			return response, nil
		}
	}
	return nil, fmt.Errorf("%w: it has more than %d interim answers", errHeader, maxInterim)
}
