package faults

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// frameWriter is an HTTP/2 connection on which a client writes the frames that it likes. One goroutine uses it.
type frameWriter struct {
	*http2.Framer
	conn *tls.Conn
	out  *bufio.Writer
	// next is the identifier of the next stream.
	next    uint32
	block   bytes.Buffer
	encoder *hpack.Encoder
	// reading ends with the connection, where what the server writes is read.
	reading sync.WaitGroup
}

// dialFrames opens a connection that ends with ctx at the latest. The caller closes it.
func dialFrames(ctx context.Context, p party, reads bool, settings ...http2.Setting) (*frameWriter, error) {
	config := p.tls.Clone()
	config.NextProtos = []string{"h2"}
	dialer := tls.Dialer{Config: config, NetDialer: &net.Dialer{LocalAddr: p.from}}
	conn, err := dialer.DialContext(ctx, "tcp", p.address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := &frameWriter{conn: conn.(*tls.Conn), out: bufio.NewWriterSize(conn, 16<<10), next: 1}
	c.Framer = http2.NewFramer(c.out, nil)
	c.encoder = hpack.NewEncoder(&c.block)
	_ = conn.SetDeadline(time.Now().Add(lasts + 30*time.Second)) // For the case that the server takes nothing.
	context.AfterFunc(ctx, func() { conn.Close() })
	if reads {
		c.reading.Go(func() { _, _ = io.Copy(io.Discard, conn) })
	}
	_, err = c.out.WriteString(http2.ClientPreface)
	if err = errors.Join(err, c.WriteSettings(settings...), c.out.Flush()); err != nil {
		c.close()
		return nil, fmt.Errorf("begin HTTP/2: %w", err)
	}
	return c, nil
}

func (c *frameWriter) close() {
	c.conn.Close()
	c.reading.Wait()
}

// open opens one more stream, with further headers. A stream that does not end has a body that follows.
func (c *frameWriter) open(method, path string, end bool, headers ...[2]string) (id uint32, err error) {
	c.block.Reset()
	for _, f := range append([][2]string{{":method", method}, {":scheme", "https"}, {":authority", "plimsoll"}, {":path", path}}, headers...) {
		if err := c.encoder.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			return 0, err
		}
	}
	id = c.next
	c.next += 2
	return id, c.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: c.block.Bytes(), EndStream: end, EndHeaders: true})
}

// frames is a client that writes frames on one connection at a time.
type frames struct {
	user string
	// from is the address of the client, nil for that of all others.
	from      net.Addr
	perSecond int
	// reads is false for a client that reads nothing.
	reads    bool
	settings []http2.Setting
	// begin writes what precedes the frames; nil for nothing.
	begin func(c *frameWriter) error
	// write writes the frame with a number, which begins at 0 on each connection.
	write func(c *frameWriter, i int) error
}

// wage writes until ctx ends. A connection that the server ends is replaced, ten times a second at most.
func (f frames) wage(ctx context.Context, results *tally) error {
	p, err := partyOf(f.user)
	if err != nil {
		return err
	}
	p.from = f.from
	for ctx.Err() == nil {
		c, err := dialFrames(ctx, p, f.reads, f.settings...)
		if err != nil {
			results.note("connections refused")
		} else {
			f.writeOn(ctx, c, results)
			c.close()
			results.note("connections")
		}
		pause(ctx, 100*time.Millisecond)
	}
	return nil
}

// writeOn writes on one connection until the server or ctx ends it.
func (f frames) writeOn(ctx context.Context, c *frameWriter, results *tally) {
	ctx, ended := context.WithCancel(ctx)
	defer ended()
	if f.begin != nil && f.begin(c) != nil {
		return
	}
	at(ctx, f.perSecond, func(i int) {
		if ctx.Err() != nil || f.write(c, i) != nil || c.out.Buffered() > 0 && (i+1)%max(f.perSecond/50, 1) == 0 && c.out.Flush() != nil {
			ended()
			return
		}
		results.note("frames")
	})
}
