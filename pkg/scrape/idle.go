package scrape

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"syscall"
)

// errNothing is that nothing can be read at the moment. TLS does not take it for the end of the connection.
var errNothing error = nothingError{}

type nothingError struct{}

func (nothingError) Error() string { return "nothing to read" }

// Timeout implements net.Error.
func (nothingError) Timeout() bool { return true }

// Temporary implements net.Error.
func (nothingError) Temporary() bool { return true }

var (
	// errUnrequested means that the kubelet sent bytes that belong to no response.
	errUnrequested = errors.New("the kubelet sent bytes that no request asked for")
	// errIncomplete means that the kubelet sent only a part of a TLS record after a response.
	errIncomplete = errors.New("the kubelet sent an incomplete TLS record")
)

// checkIdle returns nil where the kubelet has sent nothing since its last response, neither in what was read with that response nor, with
// askNetwork, on the network. It returns errUnrequested where the kubelet has sent bytes, and another error where the connection has ended. A
// connection with an error is not used again: such bytes would be taken for the next response.
func (c *conn) checkIdle(askNetwork bool) error {
	c.wire.peek = peekNothing
	if askNetwork {
		c.wire.peek = peekNetwork
	}
	defer func() { c.wire.peek = noPeek }()
	var b [1]byte
	n, err := c.Read(b[:])
	switch {
	case n > 0, err == nil, isInvalidTLS(err):
		return errUnrequested
	case errors.Is(err, errNothing):
		return nil
	}
	return err
}

// isInvalidTLS is true where TLS could not read what the kubelet sent. The end of a connection and an alert of the kubelet are valid.
func isInvalidTLS(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return as[tls.RecordHeaderError](err) || ok && e.Op == "local error"
}

// checkAfterResponse is checkIdle for a connection whose response has just been read and whose buffers are still attached. It asks no network.
func (c *conn) checkAfterResponse() error {
	if c.buffers.head.Buffered() > 0 {
		return errUnrequested
	}
	drained := c.buffers.ahead.Buffered() == 0
	if err := c.checkIdle(false); err != nil || drained {
		return err
	}
	return errIncomplete
}

// peek says how a wire is read between two requests, when no read may wait.
type peek byte

const (
	noPeek peek = iota
	// peekNothing has what was read together with the response, if anything. It costs no system call.
	peekNothing
	// peekNetwork has what has come.
	peekNetwork
)

// readPeeked is Read between two requests.
func (w *wire) readPeeked(p []byte) (int, error) {
	if w.ahead != nil && w.ahead.Buffered() > 0 {
		return w.ahead.Read(p)
	}
	s, ok := w.Conn.(*socket)
	if w.peek == peekNothing || !ok || s.raw == nil {
		return 0, errNothing
	}
	return s.readNow(p)
}

// readNow reads what has come, without waiting.
func (s *socket) readNow(p []byte) (n int, err error) {
	if failed := s.raw.Control(func(fd uintptr) { n, err = readNow(fd, p) }); failed != nil {
		return 0, failed
	}
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return 0, errNothing
	case err != nil:
		return 0, os.NewSyscallError("read", err)
	case n == 0:
		return 0, os.ErrClosed
	}
	return n, nil
}
