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
	// releases give back the memory of a large answer, each a part of it; a small one has none. reserved is how much it is in all, in bytes.
	releases []func()
	reserved int64
}

// isLarge is true for an answer for which memory was reserved.
func (b *payload) isLarge() bool { return len(b.releases) > 0 }

// close gives the memory back. What a large answer needed is not kept: the next one may be long in coming.
func (b *payload) close() {
	for _, release := range b.releases {
		release()
	}
	b.releases, b.reserved = nil, 0
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

// read reads an answer of at most so many bytes, of which a large one waits for memory. giveUp ends the request.
func (b *payload) read(ctx context.Context, q question, response *http.Response, giveUp func()) error {
	limit := min(q.limit, b.bodies.memory.most())
	if response.ContentLength > limit {
		return tooLarge(response, limit)
	}
	small := min(limit, smallBody)
	n, err := b.ReadFrom(io.LimitReader(response.Body, small+1))
	if err == nil && n > small && small < limit {
		err = b.readLarge(ctx, q, response, limit, giveUp)
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
