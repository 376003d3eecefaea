package kubelet

import (
	"bufio"
	"encoding/binary"
)

// recordReader is the connection between TLS and the socket.
type recordReader struct {
	*socket
	// ahead reads ahead from the socket while a request is in flight; nil otherwise.
	ahead *bufio.Reader
	// secure is true where TLS reads from ahead, and remaining how many bytes of its current record are left.
	secure    bool
	remaining int
	// checks is true while the connection is checked for bytes that no request asked for, reads while HTTP is read from it. failed is true where the
	// latest Read returned an error.
	checks, reads, failed bool
}

// recordHeader is how many bytes precede the content of a TLS record. The last two of them are its length.
const recordHeader = 5

// Read implements net.Conn. TLS is given one record at a time: it would keep what it reads too early in memory of its own, twice as large, for
// as long as the connection lasts.
func (r *recordReader) Read(p []byte) (n int, err error) {
	defer func() { r.failed = err != nil }()
	switch {
	case r.checks:
		return r.readWithoutWaiting(p)
	case r.ahead == nil:
		return r.socket.Read(p)
	case !r.secure:
		return r.ahead.Read(p)
	case r.remaining == 0:
		header, err := r.ahead.Peek(recordHeader)
		if err != nil {
			return r.ahead.Read(p) // First the bytes that have come, and then the error.
		}
		r.remaining = recordHeader + int(binary.BigEndian.Uint16(header[recordHeader-2:]))
	}
	n, err = r.ahead.Read(p[:min(len(p), r.remaining)])
	r.remaining -= n
	return n, err
}

// Write implements net.Conn. TLS may not respond to what it reads, such as a request to change its key: no kubelet sends that, it costs much time, and
// where the kubelet does not read the response, no timeout bounds the check of an idle connection.
func (r *recordReader) Write(p []byte) (int, error) {
	if r.reads {
		return 0, errUnrequested
	}
	return r.socket.Write(p)
}
