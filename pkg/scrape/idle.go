package scrape

import (
	"errors"
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

// isQuiet is true where the kubelet has sent nothing since its last response, neither in what TLS has decrypted already nor, where the network is
// asked, on the wire. A connection where it has is not used again: what comes unasked would be taken for the next response.
func (c *conn) isQuiet(askNetwork bool) bool {
	c.wire.peek = peekNothing
	if askNetwork {
		c.wire.peek = peekNetwork
	}
	defer func() { c.wire.peek = noPeek }()
	var b [1]byte
	_, err := c.Read(b[:])
	return errors.Is(err, errNothing)
}

// peek says how a wire is read between two requests, when no read may wait.
type peek byte

const (
	noPeek peek = iota
	// peekNothing has nothing to read. It costs no system call.
	peekNothing
	// peekNetwork has what has come.
	peekNetwork
)

// readPeeked is Read between two requests.
func (w *wire) readPeeked(p []byte) (int, error) {
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
