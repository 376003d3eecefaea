package kubelet

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"time"
)

const (
	// readAhead is how many bytes one system call may bring: usually a whole response, although TLS reads each of its records alone.
	readAhead = 32 << 10
	// maxHeader bounds the header of a response, in bytes. A kubelet's has some hundred.
	maxHeader = 64 << 10
	// maxInterim is how many interim responses may precede the final one.
	maxInterim = 5
)

// persistConn is one network connection to a kubelet, which carries one request after the other.
type persistConn struct {
	// Conn is what HTTP is read from and written to: TLS, or the record reader itself.
	net.Conn
	records *recordReader
	// address and config are what the connection was made to and with; config is nil for plain HTTP.
	address string
	config  *tls.Config
	// usedAt is when the latest response had been read; zero before.
	usedAt time.Time
	// buffers are those of the request in flight; nil while the connection is idle.
	buffers *buffers
	// failed is the error of the latest Read, which net/http does not return where it came in the middle of a line.
	failed error
}

// buffers are what a request needs until its response is read.
type buffers struct {
	// ahead reads from the network, http from TLS.
	ahead, http *bufio.Reader
	// limit bounds http while a header is read.
	limit io.LimitedReader
	out   bytes.Buffer
}

func newBuffers() *buffers {
	return &buffers{ahead: bufio.NewReaderSize(nil, readAhead), http: bufio.NewReader(nil)}
}

// abort closes the network connection: nothing else ends a read that waits. TLS is not closed before, which would wait for a kubelet that does not read.
func (p *persistConn) abort() { p.records.Close() }

// Read implements io.Reader. An error that comes neither from the network nor from the kubelet wraps ErrMalformedTLS.
func (p *persistConn) Read(b []byte) (n int, err error) {
	p.records.reads = true
	n, err = p.Conn.Read(b)
	p.records.reads = false
	if err != nil && !p.records.failed && !errors.Is(err, io.EOF) && !isAlert(err) {
		err = fmt.Errorf("%w: %w", ErrMalformedTLS, err)
	}
	p.failed = err
	return n, err
}

// isAlert is true for an alert of the kubelet.
func isAlert(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && e.Op == "remote error"
}

// attach gives the connection the buffers for a request.
func (p *persistConn) attach(b *buffers) {
	b.ahead.Reset(p.records.socket)
	b.limit.R = p
	b.http.Reset(&b.limit)
	p.records.ahead, p.records.secure, p.buffers = b.ahead, p.config != nil, b
}

// detach takes the buffers back, whatever they hold.
func (p *persistConn) detach() *buffers {
	b := p.buffers
	b.ahead.Reset(nil)
	b.http.Reset(nil)
	b.limit.R = nil
	p.records.ahead, p.buffers = nil, nil
	return b
}

// writeRequest writes a request in one piece. The Host header names the address of the connection, which may be another one than the URL's.
func (p *persistConn) writeRequest(r *http.Request) error {
	if r.URL.Host != p.address && r.Host == r.URL.Host {
		there := *r
		there.Host = p.address
		r = &there
	}
	out := &p.buffers.out
	out.Reset()
	if err := r.Write(out); err != nil {
		return fmt.Errorf("write a request for %s: %w", r.URL, err)
	}
	_, err := p.Write(out.Bytes())
	return err
}

// awaitFirstByte waits for the first byte of the response.
func (p *persistConn) awaitFirstByte() error {
	p.buffers.limit.N, p.records.allowed = maxHeader, minAllowed
	_, err := p.buffers.http.Peek(1)
	return err
}

// readHeader reads the header of the response, of which the first byte has come.
func (p *persistConn) readHeader(r *http.Request) (*http.Response, error) {
	b := p.buffers
	for range maxInterim {
		response, err := http.ReadResponse(b.http, r)
		switch {
		case err != nil && b.limit.N <= 0:
			return nil, fmt.Errorf("%w: more than %d bytes", ErrHeaderTooLarge, maxHeader)
		case err != nil && p.failed != nil && !errors.Is(p.failed, io.EOF):
			return nil, fmt.Errorf("%w: read the header of a response: %w", ErrMalformed, p.failed)
		case err != nil:
			return nil, fmt.Errorf("%w: read the header of a response: %w", ErrMalformed, err)
		case response.StatusCode >= http.StatusOK || response.StatusCode == http.StatusSwitchingProtocols:
			b.limit.N = math.MaxInt64
			return response, nil
		}
	}
	return nil, fmt.Errorf("%w: more than %d interim responses", ErrHeaderTooLarge, maxInterim)
}
