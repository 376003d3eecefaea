package store

import (
	"sync/atomic"
	"time"
)

// Slot is where the store publishes one answer, and where readers find it without a search. The zero value has no answer. It is safe
// for concurrent use and must not be copied.
type Slot[T any] struct {
	answer atomic.Pointer[T]
	// seen and advanced are those of freshness.
	seen, advanced atomic.Int64
	// JSON and Protobuf are for what readers made of the answer.
	JSON, Protobuf Memo
}

// PodSlot is for one life of a pod. It lives with the pod's own object.
type PodSlot = Slot[PodUsage]

// NodeSlot is for a node.
type NodeSlot = Slot[NodeUsage]

// publish makes an answer the one to serve. An answer that is there already is confirmed.
func (s *Slot[T]) publish(answer *T, f freshness) {
	s.seen.Store(f.seen)
	s.advanced.Store(f.advanced)
	if s.answer.Load() != answer {
		s.answer.Store(answer)
		s.forget()
	}
}

// withdraw leaves nothing to serve, unless what is served is another answer.
func (s *Slot[T]) withdraw(answer *T) {
	if s.answer.CompareAndSwap(answer, nil) {
		s.forget()
	}
}

// forget lets go of what was made of an answer that is served no longer.
func (s *Slot[T]) forget() {
	s.JSON.made.Store(nil)
	s.Protobuf.made.Store(nil)
}

// load is the answer, if it may be served at a moment in Unix nanoseconds.
func (s *Slot[T]) load(maxAge time.Duration, now int64) (*T, bool) {
	answer := s.answer.Load()
	if answer == nil {
		return nil, false
	}
	f := freshness{seen: s.seen.Load(), advanced: s.advanced.Load()}
	return answer, f.within(maxAge, now)
}

// Memo keeps what a reader made of something for the next reader. The store does not look into it.
type Memo struct{ made atomic.Pointer[made] }

type made struct {
	of, and any
	text    []byte
}

// Get returns what was made of two things last, if it was of these. Nobody changes it.
func (m *Memo) Get(of, and any) ([]byte, bool) {
	if made := m.made.Load(); made != nil && made.of == of && made.and == and {
		return made.text, true
	}
	return nil, false
}

// Put keeps what was made of two things, in place of what was there. The text is the memo's from then on.
func (m *Memo) Put(of, and any, text []byte) { m.made.Store(&made{of, and, text}) }
