package faults

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// stingy is an HTTP/2 connection to Plimsoll that sends requests on as many streams as it may and gives the server no window for responses: each
// response with a body waits for ever. It is used by one goroutine, but for read.
type stingy struct {
	conn   *tls.Conn
	framer *http2.Framer
	path   string
	// next is the identifier of the next stream.
	next uint32
	// closed takes one element for each stream that the server ended, limit the server's bound on open streams.
	closed chan struct{}
	limit  chan uint32
}

// dialStingy opens a connection without a client certificate and forbids all bodies.
func dialStingy(ctx context.Context, address string, config *tls.Config, path string) (*stingy, error) {
	config = config.Clone()
	config.Certificates, config.NextProtos = nil, []string{"h2"}
	dialer := tls.Dialer{Config: config}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := &stingy{
		conn: conn.(*tls.Conn), framer: http2.NewFramer(conn, conn), path: path, next: 1,
		closed: make(chan struct{}, 1<<16), limit: make(chan uint32, 1),
	}
	_, err = io.WriteString(conn, http2.ClientPreface)
	err = errors.Join(err, c.framer.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}))
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("begin HTTP/2: %w", err)
	}
	return c, nil
}

// request opens one more stream.
func (c *stingy) request() error {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for _, f := range []hpack.HeaderField{
		{Name: ":method", Value: "GET"}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: "plimsoll"}, {Name: ":path", Value: c.path},
	} {
		if err := encoder.WriteField(f); err != nil {
			return err
		}
	}
	err := c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: c.next, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true})
	c.next += 2
	return err
}

// read notes which streams the server ends, until the connection ends. It acknowledges nothing: a server need not wait for that.
func (c *stingy) read() error {
	for {
		frame, err := c.framer.ReadFrame()
		if err != nil {
			return err
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if most, ok := f.Value(http2.SettingMaxConcurrentStreams); ok {
				select {
				case c.limit <- most:
				default: // The first one holds: this client requests no change.
				}
			}
		case *http2.HeadersFrame:
			if f.StreamEnded() {
				c.closed <- struct{}{}
			}
		case *http2.RSTStreamFrame:
			c.closed <- struct{}{}
		}
	}
}

// wage keeps as many streams open as the server allows, until ctx ends or the server ends the connection. It returns how many it opened.
func (c *stingy) wage(ctx context.Context) (requests int) {
	stop := context.AfterFunc(ctx, func() { c.conn.Close() })
	defer stop()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.read() // A connection always ends with an error: the server's, or that of the Close above.
	}()
	defer func() { c.conn.Close(); <-ended }()
	credit := uint32(0)
	for {
		if credit > 0 {
			if c.request() != nil {
				return requests
			}
			requests++
			credit--
			continue
		}
		select {
		case <-ended:
			return requests
		case most := <-c.limit:
			credit += most
		case <-c.closed:
			credit++
		}
	}
}
