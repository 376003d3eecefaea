package watchcache

import "sync/atomic"

// batch is an element of the log: changes that were applied together. Watchers read the log from their own positions; the garbage collector takes what all of
// them have read.
type batch[O comparable, U any] struct {
	changes []*change[O, U]
	// total is how many changes the log has had up to this batch.
	total uint64
	// version is that of the state after this batch, or after later events which changed nothing.
	version atomic.Uint64
	// next is the batch that follows, once appended is closed.
	next     *batch[O, U]
	appended chan struct{}
}

func newBatch[O comparable, U any](changes []*change[O, U], total, version uint64) *batch[O, U] {
	b := &batch[O, U]{changes: changes, total: total, appended: make(chan struct{})}
	b.version.Store(version)
	return b
}

// append adds changes behind b, which is the last batch, and returns what is the last one then.
func (b *batch[O, U]) append(changes []*change[O, U], version uint64) *batch[O, U] {
	if len(changes) == 0 {
		b.version.Store(version)
		return b
	}
	b.next = newBatch(changes, b.total+uint64(len(changes)), version)
	close(b.appended)
	return b.next
}
