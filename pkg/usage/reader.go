package usage

import "time"

// Reader reads cells by the rule of staleness. It is safe for concurrent use.
type Reader struct {
	staleness Staleness
	now       func() time.Time
	version   func() uint64
	// onEachRead is called with the time of each usage that is read; nil where that is of no interest.
	onEachRead func(timestamp time.Time)
}

// NewReader returns a reader that takes the time from now and resource versions from version.
func NewReader(s Staleness, now func() time.Time, version func() uint64) *Reader {
	return &Reader{staleness: s, now: now, version: version}
}

// OnEachRead returns the same reader, but one that calls f with [Node.Time] or [Pod.Time] of all usage that it returns; nil for none.
func (r *Reader) OnEachRead(f func(timestamp time.Time)) *Reader {
	other := *r
	other.onEachRead = f
	return &other
}

// Now is the time by which the reader decides what is too old.
func (r *Reader) Now() time.Time { return r.now() }

// ResourceVersion is that of the newest change: everything that was published with it or before it is in its cell.
func (r *Reader) ResourceVersion() uint64 { return r.version() }

// Node returns the usage of a node; false where there is none that may be served. The cell may be nil.
func (r *Reader) Node(c *NodeCell) (*Node, bool) {
	u, ok := load(r, c)
	if ok && r.onEachRead != nil {
		r.onEachRead(u.Time)
	}
	return u, ok
}

// Pod returns the usage of a pod that is bound to a node; false where there is none that may be served, or where another node
// published it. The cell may be nil.
func (r *Reader) Pod(c *PodCell, node string) (*Pod, bool) {
	u, ok := load(r, c)
	if !ok || u.Node != node {
		return nil, false
	}
	if r.onEachRead != nil {
		r.onEachRead(u.Time)
	}
	return u, true
}

func load[T any](r *Reader, c *Cell[T]) (*T, bool) {
	if c == nil {
		return nil, false
	}
	now := r.now().UnixNano() // Before the cell is read: what is published meanwhile is fresh.
	u, f := c.Load()
	if u == nil || !r.staleness.IsFresh(f, now) {
		return nil, false
	}
	return u, true
}
