package scrape

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// payload is the body of an answer. It belongs to one goroutine, until that closes it.
type payload struct {
	bytes.Buffer
	bodies *payloads
	// release gives back the memory of a large answer; nil for a small one.
	release func()
}

// isLarge is true for an answer for which memory was reserved.
func (b *payload) isLarge() bool { return b.release != nil }

// close gives the memory back. What a large answer needed is not kept: the next one may be long in coming.
func (b *payload) close() {
	if b.release != nil {
		b.release()
		b.release = nil
	}
	if b.Cap() <= 2*smallBody+bytes.MinRead {
		b.bodies.pool.Put(b)
	}
}

// payloads are buffers for answers, each as large as the answers that it held, up to the size of small ones.
type payloads struct {
	memory *Memory
	pool   sync.Pool
}

func newPayloads(memory *Memory) *payloads { return &payloads{memory: memory} }

func (b *payloads) get() *payload {
	kept, ok := b.pool.Get().(*payload)
	if !ok {
		return &payload{bodies: b}
	}
	kept.Reset()
	return kept
}

// read reads an answer of at most so many bytes, of which a large one waits for memory.
func (b *payload) read(ctx context.Context, q question, response *http.Response) error {
	limit := min(q.limit, b.bodies.memory.most())
	if response.ContentLength > limit {
		return tooLarge(response, limit)
	}
	small := min(limit, smallBody)
	n, err := b.ReadFrom(io.LimitReader(response.Body, small+1))
	if err == nil && n > small && small < limit {
		if err = b.reserve(ctx, q, max(response.ContentLength, 0), limit); err == nil {
			_, err = b.ReadFrom(io.LimitReader(response.Body, limit-n+1))
		}
	}
	if err == nil {
		// A server that sees us hang up may still end its answer in good order, in the middle.
		err = ctx.Err()
	}
	switch {
	case err != nil:
		return fmt.Errorf("read the answer of %s: %w", withoutQuery(response.Request.URL.String()), err)
	case int64(b.Len()) > limit:
		return tooLarge(response, limit)
	default:
		return nil
	}
}

func tooLarge(response *http.Response, limit int64) error {
	return fmt.Errorf("%s: %w: more than %d bytes", withoutQuery(response.Request.URL.String()), errTooLarge, limit)
}

// reserve waits for the memory of an answer whose size is told, or 0 where only its limit is known. Meanwhile others go on.
func (b *payload) reserve(ctx context.Context, q question, told, limit int64) (err error) {
	size := told
	if size == 0 {
		size = limit
	}
	q.line.outside(true)
	b.release, err = b.bodies.memory.reserve(ctx, size)
	q.line.outside(false)
	return err
}
