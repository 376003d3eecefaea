package kubelet_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
)

// script is what a kubelet sends: a part for each request, whichever connection that comes over, and what comes after it while the connection is idle.
type script struct {
	parts []part
	// next is the part for the next request, and secure is true where only the first Write of a connection is one: TLS writes alerts too.
	next   int
	secure bool
	// conns are all connections, in their order.
	conns []*scriptedConn
}

// part is what a kubelet sends for one request.
type part struct {
	data, idle []byte
	// endless repeats the data, ends ends the connection after it.
	endless, ends bool
}

func (s *script) dial(context.Context, string, string) (net.Conn, error) {
	c := &scriptedConn{script: s, closed: make(chan struct{})}
	s.conns = append(s.conns, c)
	return c, nil
}

// open is how many connections are open.
func (s *script) open() (n int) {
	for _, c := range s.conns {
		if !c.isClosed() {
			n++
		}
	}
	return n
}

// idle sends what follows the part that was sent last, where its connection is open.
func (s *script) idle() {
	if last := s.conns[len(s.conns)-1]; !last.isClosed() && len(last.used) > 0 {
		last.incoming = append(last.incoming, last.used[len(last.used)-1].idle...)
	}
}

// scriptedConn is one connection of a script. A Read of which nothing comes waits until the connection is closed, or for its deadline.
type scriptedConn struct {
	script *script
	// used are the parts that were sent over it, incoming is what was not read of them.
	used     []part
	incoming []byte
	deadline bool
	// read counts the bytes that were read for the request in flight, most those of the request of which most was read.
	read, most int
	once       sync.Once
	closed     chan struct{}
}

func (c *scriptedConn) current() part {
	if len(c.used) == 0 {
		return part{}
	}
	return c.used[len(c.used)-1]
}

// Write takes a request, which is written in one piece.
func (c *scriptedConn) Write(p []byte) (int, error) {
	if c.read = 0; !c.current().ends && c.script.next < len(c.script.parts) && (len(c.used) == 0 || !c.script.secure) {
		c.used = append(c.used, c.script.parts[c.script.next])
		c.incoming = append(c.incoming, c.current().data...)
		c.script.next++
	}
	return len(p), nil
}

func (c *scriptedConn) Read(p []byte) (int, error) {
	current := c.current()
	if len(c.incoming) == 0 && current.endless {
		c.incoming = bytes.Repeat(current.data, 1+len(p)/max(len(current.data), 1))
	}
	switch {
	case c.isClosed():
		return 0, net.ErrClosed
	case len(c.incoming) > 0:
		n := copy(p, c.incoming)
		c.incoming = c.incoming[n:]
		c.read += n
		c.most = max(c.most, c.read)
		return n, nil
	case current.ends:
		return 0, io.EOF
	case c.deadline:
		return 0, os.ErrDeadlineExceeded
	}
	<-c.closed
	return 0, net.ErrClosed
}

func (c *scriptedConn) isClosed() bool {
	select {
	case <-c.closed:
		return true
	default:
		return false
	}
}

func (c *scriptedConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

func (c *scriptedConn) SetReadDeadline(t time.Time) error {
	c.deadline = !t.IsZero()
	return nil
}

func (c *scriptedConn) SetDeadline(t time.Time) error    { return c.SetReadDeadline(t) }
func (c *scriptedConn) SetWriteDeadline(time.Time) error { return nil }
func (c *scriptedConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *scriptedConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }

// reader reads the data, of endless data as much as the bound.
func (p part) reader(bound int) *bufio.Reader {
	data := p.data
	if p.endless && len(data) > 0 {
		data = bytes.Repeat(data, 1+bound/len(data))
	}
	return bufio.NewReader(bytes.NewReader(data)) // Of the client's size, which bounds a trailer.
}

// expected is what a part is, as net/http reads it: the body of a response with the code 200, which is ok, and whether the connection may be used again.
func (p part) expected(limit int) (body []byte, ok, reusable bool) {
	in := p.reader(kubelet.MinAllowed + (1+kubelet.AllowedPerByte)*limit)
	request, err := http.NewRequest(http.MethodGet, "http://kubelet/", nil)
	if err != nil {
		return nil, false, false
	}
	for {
		response, err := http.ReadResponse(in, request)
		if err != nil {
			return nil, false, false
		}
		if response.StatusCode < http.StatusOK && response.StatusCode != http.StatusSwitchingProtocols {
			response.Body.Close()
			continue
		}
		body, err := io.ReadAll(io.LimitReader(response.Body, int64(limit)+1))
		response.Body.Close()
		ok = err == nil && len(body) <= limit && response.StatusCode == http.StatusOK
		_, rest := in.Peek(1)
		return body, ok, err == nil && len(body) <= limit && !response.Close && rest != nil && !p.endless && !p.ends && len(p.idle) == 0
	}
}
