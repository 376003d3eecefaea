package kubelet

import (
	"context"
	"fmt"
	"math"
	"sync"

	"golang.org/x/sync/semaphore"
)

const (
	// MaxBody bounds the body of any response, in bytes: twice the full summary of a node with 2,500 pods of two containers. Where memory is
	// limited, the bound is lower: see Memory.
	MaxBody = 32 << 20
	// smallBody is the size, in bytes, up to which a response is read and decoded without regard to other responses: that of a node with about a
	// thousand pods. A larger response waits until there is memory for it.
	smallBody = 1 << 20
	// largeShare is which part of the memory limit the bodies of large responses may have together. Decoding takes up to four times as much as
	// the body, so that large responses take no more than half of the limit in all.
	largeShare = 8
	// largeDefault is the share, in bytes, where memory is not limited: two of the largest bodies.
	largeDefault = 2 * MaxBody
	// shareUnits is the size of the semaphore that stands for the share: the limit may change, the size of a semaphore cannot.
	shareUnits = 1 << 20
)

// Memory bounds what the bodies of large responses take of the process's memory and cores. All clients of a process share one. It is safe for
// concurrent use.
type Memory struct {
	// limit is the memory, in bytes, that the process may use; math.MaxInt64 where that is not limited.
	limit func() int64
	share *semaphore.Weighted
	// decoding has one large body decoded at a time, which leaves the other cores to small ones.
	decoding *semaphore.Weighted
	// bodies are those that no request uses at the moment, each as large as the bodies that it held, up to the size of small ones.
	bodies sync.Pool
}

// NewMemory returns a Memory of a process with a memory limit in bytes, which is math.MaxInt64 where there is none and may change.
func NewMemory(limit func() int64) *Memory {
	return &Memory{limit: limit, share: semaphore.NewWeighted(shareUnits), decoding: semaphore.NewWeighted(1)}
}

// bytes is the share of large bodies.
func (m *Memory) bytes() int64 {
	if limit := m.limit(); limit != math.MaxInt64 {
		return max(limit/largeShare, 2*smallBody)
	}
	return largeDefault
}

// maxBody is how large a body may be, in bytes: half of the share, so that one kubelet cannot keep all other large responses waiting.
func (m *Memory) maxBody() int64 { return min(MaxBody, m.bytes()/2) }

// reserve waits for so many bytes of memory for a body, or for a part of one. The caller releases the units of the share.
func (m *Memory) reserve(ctx context.Context, bytes int64) (units int64, err error) {
	units = min(int64(math.Ceil(float64(bytes)/float64(m.bytes())*shareUnits)), shareUnits)
	if err := m.share.Acquire(ctx, units); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNoMemory, err)
	}
	return units, nil
}

// newBody returns an empty body of a response to a request that blocks as it says.
func (m *Memory) newBody(blocking *blocking) *Body {
	b, ok := m.bodies.Get().(*Body)
	if !ok {
		b = &Body{memory: m}
	}
	b.buf.Reset()
	b.blocking = blocking
	return b
}
