package kubelet

import (
	"errors"
	"io"
	"syscall"
)

// errUnrequested means that the kubelet sent bytes that belong to no response.
var errUnrequested = errors.New("the kubelet sent bytes that no request asked for")

// checkIdle returns nil where the kubelet has sent nothing since its last response: while buffers are attached, in what was read with that response;
// otherwise on the network. It returns errUnrequested where the kubelet has sent bytes, and another error where the connection has ended. A
// connection with an error is not used again: such bytes would be taken for the next response.
func (p *persistConn) checkIdle() error {
	p.records.checks = true
	defer func() { p.records.checks = false }()
	var b [1]byte
	n, err := p.Read(b[:])
	switch {
	case n > 0, err == nil, errors.Is(err, ErrMalformedTLS): // The end of a connection and an alert of the kubelet are valid.
		return errUnrequested
	case errors.Is(err, syscall.EAGAIN):
		return nil
	}
	return err
}

// checkAfterResponse is checkIdle for a connection whose response has just been read and whose buffers are still attached.
func (p *persistConn) checkAfterResponse() error {
	if p.buffers.http.Buffered() > 0 {
		return errUnrequested
	}
	drained := p.buffers.ahead.Buffered() == 0
	if err := p.checkIdle(); err != nil || drained {
		return err
	}
	return io.ErrUnexpectedEOF // There is a part of a TLS record.
}

// readWithoutWaiting is Read while the connection is checked. It returns syscall.EAGAIN where there is nothing, which TLS does not take for the end of
// the connection.
func (r *recordReader) readWithoutWaiting(p []byte) (int, error) {
	switch {
	case r.ahead == nil:
		return r.socket.readWithoutWaiting(p)
	case r.ahead.Buffered() > 0:
		return r.ahead.Read(p)
	}
	return 0, syscall.EAGAIN
}
