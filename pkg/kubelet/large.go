package kubelet

import (
	"bytes"
	"context"
	"io"
	"time"
)

const (
	// firstPart is which part of the limit is reserved for a large body at first. The reservation doubles each time that the body fills it: a kubelet
	// that announces more than it sends keeps no memory from other responses.
	firstPart = 8
	// waitPart is which part of its remaining time a large body waits for more memory while it holds some, which other large bodies may wait for.
	waitPart = 4
	// A large body brings at least paceBytes in each pace, or loses its memory.
	paceBytes = 512 << 10
	pace      = 2 * time.Second
)

// readLarge reads what follows the small part of a body, into memory that is reserved in steps.
func (r *bodyReader) readLarge(ctx context.Context, limit int64) error {
	most := limit
	if r.response.ContentLength > 0 {
		most = r.response.ContentLength
	}
	for size := min(max(limit/firstPart, 2*smallBody), most); ; size = min(2*size, most) {
		if err := r.reserve(ctx, size); err != nil {
			return err
		}
		left := size - int64(r.body.buf.Len())
		if size == most {
			left++ // One byte more shows that a body is too large.
		}
		r.body.buf.Grow(int(left) + bytes.MinRead) // ReadFrom would double what is reserved, to find the end.
		n, err := r.readInTime(left)
		if err != nil || n < left || size == most {
			return err
		}
	}
}

// reserve waits until so many bytes in all are reserved for the body. A body that holds some does not wait for long.
func (r *bodyReader) reserve(ctx context.Context, size int64) error {
	b := r.body
	if b.reserved > 0 {
		waiting, cancel := withShare(ctx, 1.0/waitPart)
		defer cancel()
		ctx = waiting
	}
	return b.blocking.during(func() error {
		units, err := b.memory.reserve(ctx, size-b.reserved)
		if err == nil {
			b.reserved, b.units = size, b.units+units
		}
		return err
	})
}

// readInTime reads so many bytes at most, or to the end. It cancels the request where they come too slowly.
func (r *bodyReader) readInTime(most int64) (int64, error) {
	p := &pacedReader{body: io.LimitReader(r.response.Body, most), timer: time.AfterFunc(pace, r.cancel)}
	n, err := r.body.buf.ReadFrom(p)
	if !p.timer.Stop() || p.late {
		return n, errTooSlow
	}
	return n, err
}

// pacedReader gives a body more time each time that enough of it has come.
type pacedReader struct {
	body  io.Reader
	timer *time.Timer
	// got is how many bytes have come since the timer was reset.
	got int
	// late is true where the timer has cancelled the request.
	late bool
}

// Read implements io.Reader.
func (p *pacedReader) Read(to []byte) (int, error) {
	n, err := p.body.Read(to)
	if p.got += n; p.got >= paceBytes {
		p.late = !p.timer.Reset(pace) || p.late
		p.got = 0
	}
	return n, err
}
