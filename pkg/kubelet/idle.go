package kubelet

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"syscall"
)

// errNothing means that no bytes can be read without waiting. It is temporary: TLS does not take it for the end of the connection.
var errNothing error = nothingError{}

type nothingError struct{}

// Error implements error.
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
func (p *persistConn) checkIdle(askNetwork bool) error {
	p.records.check = checkRead
	if askNetwork {
		p.records.check = checkNetwork
	}
	defer func() { p.records.check = noCheck }()
	var b [1]byte
	n, err := p.Read(b[:])
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
	_, invalid := errors.AsType[tls.RecordHeaderError](err)
	return invalid || ok && e.Op == "local error"
}

// checkAfterResponse is checkIdle for a connection whose response has just been read and whose buffers are still attached. It asks no network.
func (p *persistConn) checkAfterResponse() error {
	if p.buffers.http.Buffered() > 0 {
		return errUnrequested
	}
	drained := p.buffers.ahead.Buffered() == 0
	if err := p.checkIdle(false); err != nil || drained {
		return err
	}
	return errIncomplete
}

// idleCheck is how a record reader reads while no read may wait.
type idleCheck byte

const (
	noCheck idleCheck = iota
	// checkRead reads what was read together with the response, if anything. It costs no system call.
	checkRead
	// checkNetwork also reads what has come since.
	checkNetwork
)

// readWithoutWaiting is Read while the connection is checked.
func (r *recordReader) readWithoutWaiting(p []byte) (int, error) {
	if r.ahead != nil && r.ahead.Buffered() > 0 {
		return r.ahead.Read(p)
	}
	s, ok := r.Conn.(*socket)
	if r.check == checkRead || !ok || s.raw == nil {
		return 0, errNothing
	}
	return s.readWithoutWaiting(p)
}

// readWithoutWaiting reads what has come.
func (s *socket) readWithoutWaiting(p []byte) (n int, err error) {
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
