package scrape

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// connector is an http.RoundTripper that asks in the caller's own goroutine, on the line that the request's context carries. Between
// two questions to a kubelet nothing runs, and a connection costs what TLS keeps of it. Requests have no bodies.
type connector struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	// trust is nil where only plain HTTP is spoken.
	trust *trust
	// buffers are those that no request uses at the moment.
	buffers sync.Pool
}

func newConnector(t *trust, dial func(ctx context.Context, network, address string) (net.Conn, error)) *connector {
	c := &connector{trust: t, dial: dial}
	c.buffers.New = func() any { return newBuffers() }
	return c
}

// RoundTrip implements http.RoundTripper. A connection that the kubelet closed while it was idle is replaced, once: only where nothing
// of an answer has come, so that no kubelet works twice for one question.
func (c *connector) RoundTrip(r *http.Request) (*http.Response, error) {
	l := lineOf(r.Context())
	reused := l.reusable(c, r) // It may read files, and is outside still.
	l.outside(false)
	defer l.outside(true)
	response, err := l.ask(c, r)
	if err != nil && reused && !l.heard && r.Context().Err() == nil {
		response, err = l.ask(c, r)
	}
	if err != nil && r.Context().Err() != nil && !as[*addressesError](err) {
		err = context.Cause(r.Context())
	}
	// The names in a certificate, the first line of an answer and a name in the node's status are others' texts.
	return response, excerpt.Error(err)
}

// open connects to a host and port, with the TLS configuration if that is not nil. The dial takes at most a part, from 0 to 1, of the time that
// is left; TLS has the rest.
func (c *connector) open(ctx context.Context, part float64, host string, config *tls.Config, holdUp func(bool)) (*conn, error) {
	var raw net.Conn
	err := held(holdUp, func() (err error) {
		dialing, cancel := share(ctx, part)
		defer cancel()
		raw, err = c.dial(dialing, "tcp", host)
		return err
	})
	if err != nil {
		return nil, err
	}
	w := &wire{Conn: newSocket(raw, holdUp)}
	if config == nil {
		w.calm()
		return &conn{wire: w, Conn: w}, nil
	}
	config = config.Clone()
	if config.ServerName == "" {
		if config.ServerName, _, err = net.SplitHostPort(host); err != nil {
			raw.Close()
			return nil, fmt.Errorf("read the address %s of a kubelet: %w", host, err)
		}
	}
	secure := tls.Client(w, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, handshakeError(err)
	}
	w.calm()
	return &conn{wire: w, Conn: secure}, nil
}

// handshakeError names what it is about, as net/http does, where the other side speaks HTTP without TLS.
func handshakeError(err error) error {
	if e, ok := errors.AsType[tls.RecordHeaderError](err); ok && string(e.RecordHeader[:]) == "HTTP/" {
		return fmt.Errorf("%w: %w", http.ErrSchemeMismatch, err)
	}
	return fmt.Errorf("%w: %w", errHandshake, err)
}

// errHandshake is a TLS handshake that came to no end.
var errHandshake = errors.New("the TLS handshake failed")

// held tells that do is held up while it runs.
func held(holdUp func(bool), do func() error) error {
	if holdUp != nil {
		holdUp(true)
		defer holdUp(false)
	}
	return do()
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

const (
	// readAhead is how many bytes one system call may bring: a kubelet's whole answer, mostly, though TLS asks for each record alone.
	readAhead = 32 << 10
	// maxHeader bounds the header of an answer, in bytes. A kubelet's has some hundred.
	maxHeader = 64 << 10
)

// buffers are what a request needs until its answer is read. An idle connection has none.
type buffers struct {
	// ahead reads from the network, head through TLS.
	ahead, head *bufio.Reader
	// limit bounds head for as long as a header is read.
	limit io.LimitedReader
	out   bytes.Buffer
}

func newBuffers() *buffers {
	return &buffers{ahead: bufio.NewReaderSize(nil, readAhead), head: bufio.NewReader(nil)}
}
