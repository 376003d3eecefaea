package usage

import "sync/atomic"

// Encoded keeps one encoding of an object with its usage for the next reader. It does not look into it. The zero value is empty. It is
// safe for concurrent use.
type Encoded struct{ last atomic.Pointer[encoding] }

type encoding struct {
	object, usage any
	bytes         []byte
}

// Get returns the last encoding, if it is of this object and this usage, which are compared as pointers. The caller must not change the
// bytes.
func (e *Encoded) Get(object, usage any) ([]byte, bool) {
	if last := e.last.Load(); last != nil && last.object == object && last.usage == usage {
		return last.bytes, true
	}
	return nil, false
}

// Put replaces the encoding. It takes over the bytes.
func (e *Encoded) Put(object, usage any, bytes []byte) {
	e.last.Store(&encoding{object, usage, bytes})
}
