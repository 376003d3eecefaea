package kubelet

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
)

// responseBody is the body of a response. Close leaves the connection to the next request where the body was read to its end, and closes
// the connection otherwise.
type responseBody struct {
	body io.Reader
	conn *Conn
	ctx  context.Context
	// stop keeps the end of ctx from closing the connection.
	stop func() bool
	// closes is true where the kubelet announced that it closes the connection, ended once all is read.
	closes, ended, closed bool
}

// Read implements io.Reader.
func (b *responseBody) Read(p []byte) (int, error) {
	if b.ended || b.closed {
		return 0, io.EOF
	}
	n, err := b.body.Read(p[:min(len(p), readAhead)]) // So that what the framing may take grows with the body.
	b.conn.persistent.records.allowed += allowedPerByte * int64(n)
	switch {
	case errors.Is(err, io.EOF):
		b.ended = true
	case err != nil && b.ctx.Err() != nil:
		err = fmt.Errorf("%w: %w", ErrSlow, context.Cause(b.ctx))
	case err != nil:
		err = excerpt.Error(fmt.Errorf("%w: %w", ErrMalformed, err))
	}
	return n, err
}

// Close implements io.Closer.
func (b *responseBody) Close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	if b.stop() && b.ended && !b.closes {
		b.conn.putIdle(b.ctx)
	} else {
		b.conn.discard()
	}
	return nil
}
