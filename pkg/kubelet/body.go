package kubelet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// Body is the body of a response. It belongs to one goroutine, until that closes it.
type Body struct {
	buf      bytes.Buffer
	memory   *Memory
	blocking *blocking
	// reserved is the memory that is reserved for a large body, in bytes, and units the same in units of the semaphore; 0 for a small body.
	reserved, units int64
}

// Bytes returns the body, which is valid until Close.
func (b *Body) Bytes() []byte { return b.buf.Bytes() }

// IsLarge is true for a body for which memory was reserved. It is decoded between AwaitDecoding and the end that AwaitDecoding returns.
func (b *Body) IsLarge() bool { return b.reserved > 0 }

// AwaitDecoding waits until no other large body of the process is being decoded. The caller calls end when this one has been decoded.
func (b *Body) AwaitDecoding(ctx context.Context) (end func(), err error) {
	if err := b.blocking.during(func() error { return b.memory.decoding.Acquire(ctx, 1) }); err != nil {
		return nil, err
	}
	return func() { b.memory.decoding.Release(1) }, nil
}

// Close gives the memory back. The memory of a large body is not kept for the next one, which may be long in coming.
func (b *Body) Close() {
	b.memory.share.Release(b.units)
	b.reserved, b.units, b.blocking = 0, 0, nil
	if b.buf.Cap() <= 2*smallBody+bytes.MinRead {
		b.memory.bodies.Put(b)
	}
}

// bodyReader reads the body of one response.
type bodyReader struct {
	body     *Body
	response *http.Response
	// cancel ends the request.
	cancel func()
}

// read reads at most limit bytes. A large body waits for memory.
func (r *bodyReader) read(ctx context.Context, limit int64) error {
	limit = min(limit, r.body.memory.maxBody())
	if r.response.ContentLength > limit {
		return tooLarge(limit)
	}
	small := min(limit, smallBody)
	n, err := r.body.buf.ReadFrom(io.LimitReader(r.response.Body, small+1))
	if err == nil && n > small && small < limit {
		err = r.readLarge(ctx, limit)
	}
	if err == nil && ctx.Err() != nil {
		// A server that sees the connection closed may still end its response properly, in the middle.
		err = fmt.Errorf("%w: %w", ErrSlow, ctx.Err())
	}
	if err == nil && int64(r.body.buf.Len()) > limit {
		err = tooLarge(limit)
	}
	return err
}

func tooLarge(limit int64) error { return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit) }
