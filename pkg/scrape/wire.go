package scrape

import (
	"bufio"
	"encoding/binary"
	"net"
)

// wire is the connection below TLS.
type wire struct {
	net.Conn
	// ahead reads for it while a request is in flight; nil otherwise.
	ahead *bufio.Reader
	// secure is true where TLS reads from ahead, and record how many bytes of the record that it reads are left.
	secure bool
	record int
	// peek is set between two requests, to find out what came unasked.
	peek peek
}

// recordHead is how many bytes precede a TLS record's content. The last two of them are its length.
const recordHead = 5

// Read implements net.Conn. TLS is given one record at a time: what it had too early it would keep in memory of its own, and twice as
// much of it, for as long as the connection lasts.
func (w *wire) Read(p []byte) (int, error) {
	switch {
	case w.peek != noPeek:
		return w.readPeeked(p)
	case w.ahead == nil:
		return w.Conn.Read(p)
	case !w.secure:
		return w.ahead.Read(p)
	case w.record == 0:
		head, err := w.ahead.Peek(recordHead)
		if err != nil {
			return w.ahead.Read(p) // What there is, and then the error.
		}
		w.record = recordHead + int(binary.BigEndian.Uint16(head[recordHead-2:]))
	}
	n, err := w.ahead.Read(p[:min(len(p), w.record)])
	w.record -= n
	return n, err
}

// calm has what comes wake nobody until somebody waits for it.
func (w *wire) calm() {
	if s, ok := w.Conn.(*socket); ok {
		s.calm()
	}
}
