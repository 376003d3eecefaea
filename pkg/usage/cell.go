package usage

import "sync/atomic"

// Cell is where the usage of one object is published. It lives with the object, so that readers and the writer need no search. The zero
// value has no usage. It is safe for concurrent use and must not be copied.
type Cell[T any] struct {
	published atomic.Pointer[T]
	// seen and advanced are those of Freshness.
	seen, advanced atomic.Int64
	// JSON and Protobuf keep what readers encoded of the usage.
	JSON, Protobuf Encoded
}

// PodCell is the cell of one pod, by its UID.
type PodCell = Cell[Pod]

// NodeCell is the cell of one node, by its UID.
type NodeCell = Cell[Node]

// Publish makes u the usage that is served, in place of other usage.
func (c *Cell[T]) Publish(u *T, f Freshness) {
	c.published.Store(u)
	c.discardEncoded()
	c.setFreshness(f)
}

// Confirm changes the freshness of u. It is false where u is not what is published, and changes nothing then.
func (c *Cell[T]) Confirm(u *T, f Freshness) bool {
	if c.published.Load() != u {
		return false
	}
	c.setFreshness(f)
	return true
}

func (c *Cell[T]) setFreshness(f Freshness) {
	c.seen.Store(f.Seen)
	c.advanced.Store(f.Advanced)
}

// Unpublish has nothing be served, unless the published usage is another than u. It returns whether u was published.
func (c *Cell[T]) Unpublish(u *T) bool {
	if u == nil || !c.published.CompareAndSwap(u, nil) {
		return false
	}
	c.discardEncoded()
	return true
}

// discardEncoded drops the encodings of usage that is no longer served.
func (c *Cell[T]) discardEncoded() {
	c.JSON.last.Store(nil)
	c.Protobuf.last.Store(nil)
}

// Load returns what is published and how fresh it is, whether it may be served or not; nil where nothing is published.
func (c *Cell[T]) Load() (*T, Freshness) {
	// Publish stores in the opposite order: no usage is read with a freshness that came after it.
	f := Freshness{Seen: c.seen.Load(), Advanced: c.advanced.Load()}
	return c.published.Load(), f
}
