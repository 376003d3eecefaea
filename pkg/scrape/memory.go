package scrape

import (
	"context"
	"errors"
	"fmt"
	"math"

	"golang.org/x/sync/semaphore"
)

const (
	// smallBody is the size, in bytes, up to which an answer is read and decoded without regard to others: that of a node with about a
	// thousand pods. A larger answer waits until there is memory for it.
	smallBody = 1 << 20
	// largeShare is which part of the memory limit the bodies of large answers may have together. Decoding takes up to four times as
	// much as the body, so that large answers take no more than half of the limit in all.
	largeShare = 8
	// largeDefault is the share, in bytes, where memory is not limited: two of the largest answers.
	largeDefault = 2 * maxBody
	// shareUnits is the size of the semaphore that stands for the share: the limit may change, the semaphore's size cannot.
	shareUnits = 1 << 20
)

// errNoMemory is a large answer that had to wait for others until its time was over.
var errNoMemory = errors.New("other large answers have the memory that this one needs")

// Memory bounds what large answers take of the process's memory and cores. All managers of a process share one. It is safe for
// concurrent use.
type Memory struct {
	// limit is the memory, in bytes, that the process may use; math.MaxInt64 where that is not limited.
	limit func() int64
	share *semaphore.Weighted
	// decoding has one large answer decoded at a time, so that the cores stay with the small ones.
	decoding *semaphore.Weighted
}

// NewMemory returns a Memory of a process whose memory limit is told in bytes, and is math.MaxInt64 where there is none.
func NewMemory(limit func() int64) *Memory {
	return &Memory{limit: limit, share: semaphore.NewWeighted(shareUnits), decoding: semaphore.NewWeighted(1)}
}

// unlimited is for a manager that is given no Memory.
func unlimited() int64 { return math.MaxInt64 }

// bytes is the share of large answers.
func (m *Memory) bytes() int64 {
	if limit := m.limit(); limit != math.MaxInt64 {
		return max(limit/largeShare, 2*smallBody)
	}
	return largeDefault
}

// most is how large an answer may be, in bytes. Half of the share: one kubelet keeps no other from its turn.
func (m *Memory) most() int64 { return min(maxBody, m.bytes()/2) }

// reserve waits for so many bytes of memory for an answer, or a part of one. The caller gives it back.
func (m *Memory) reserve(ctx context.Context, bytes int64) (release func(), err error) {
	units := min(int64(math.Ceil(float64(bytes)/float64(m.bytes())*shareUnits)), shareUnits)
	if err := m.share.Acquire(ctx, units); err != nil {
		return nil, fmt.Errorf("%w: %w", errNoMemory, err)
	}
	return func() { m.share.Release(units) }, nil
}
