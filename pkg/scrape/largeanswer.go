package scrape

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// firstPart is which part of the most that an answer may have is reserved for a large one at first. It has twice as much each time that
	// it fills what it has: what a kubelet announces and does not send keeps no memory from others.
	firstPart = 8
	// stepWait is which part of the timeout a large answer waits for more memory while it holds some, which others may wait for.
	stepWait = 4
	// A large answer brings so many bytes in so much time, or loses its memory.
	paceBytes = 512 << 10
	pace      = 2 * time.Second
)

// errTooSlow is a large answer of which too little came.
var errTooSlow = fmt.Errorf("less than %d KiB of a large answer came in %s: %w", paceBytes>>10, pace, context.DeadlineExceeded)

// readLarge reads what follows the small part of an answer, into memory that is reserved in steps.
func (b *payload) readLarge(ctx context.Context, q question, response *http.Response, limit int64, giveUp func()) error {
	most := limit
	if response.ContentLength > 0 {
		most = response.ContentLength
	}
	for size := min(max(limit/firstPart, 2*smallBody), most); ; size = min(2*size, most) {
		if err := b.reserve(ctx, q, size); err != nil {
			return err
		}
		// One byte beyond the most shows that an answer is too large.
		room := size - int64(b.Len())
		if size == most {
			room++
		}
		n, err := b.readInTime(response.Body, room, giveUp)
		if err != nil || n < room || size == most {
			return err
		}
	}
}

// reserve waits until so many bytes are reserved for the answer. Meanwhile others go on. One that holds some does not wait for long.
func (b *payload) reserve(ctx context.Context, q question, size int64) error {
	if b.reserved > 0 {
		waiting, cancel := context.WithTimeout(ctx, q.timeout/stepWait)
		defer cancel()
		ctx = waiting
	}
	q.line.outside(true)
	release, err := b.bodies.memory.reserve(ctx, size-b.reserved)
	q.line.outside(false)
	if err != nil {
		return err
	}
	b.releases, b.reserved = append(b.releases, release), size
	return nil
}

// readInTime reads so many bytes, or to the end. It gives up the request where they come too slowly.
func (b *payload) readInTime(body io.Reader, room int64, giveUp func()) (int64, error) {
	p := &paced{body: io.LimitReader(body, room), timer: time.AfterFunc(pace, giveUp)}
	n, err := b.ReadFrom(p)
	if !p.timer.Stop() || p.late {
		return n, errTooSlow
	}
	return n, err
}

// paced is a body that has more time each time that enough of it has come.
type paced struct {
	body  io.Reader
	timer *time.Timer
	// got is what has come since the timer was set, in bytes.
	got int
	// late is true where the timer has ended the request.
	late bool
}

// Read implements io.Reader.
func (p *paced) Read(to []byte) (int, error) {
	n, err := p.body.Read(to)
	if p.got += n; p.got >= paceBytes {
		p.late = !p.timer.Reset(pace) || p.late
		p.got = 0
	}
	return n, err
}
