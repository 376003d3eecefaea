package generic

import (
	"bytes"
	"io"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
)

// maxKept is in how many forms a SharedItem is kept: two versions, JSON and protobuf, and tables with and without headings.
const maxKept = 8

// SharedItem is an Item that many watchers encode at the same time. What one of them has encoded is kept for the others, until all have sent it.
type SharedItem[O, U any] struct {
	Item[O, U]
	// mu guards kept.
	mu   sync.Mutex
	kept []*form
}

// form is an item in one form, complete with the event around it.
type form struct {
	id   runtime.Identifier
	once sync.Once
	text []byte
	err  error
}

var _ runtime.CacheableObject = &SharedItem[int, int]{}

// CacheEncode implements runtime.CacheableObject. The first caller encodes, and others of the same form wait for it.
func (s *SharedItem[O, U]) CacheEncode(id runtime.Identifier, encode func(runtime.Object, io.Writer) error, w io.Writer) error {
	f := s.form(id)
	if f == nil {
		return encode(&s.Item, w)
	}
	f.once.Do(func() {
		var text bytes.Buffer
		f.err = encode(&s.Item, &text)
		f.text = bytes.Clone(text.Bytes())
	})
	if f.err != nil {
		return f.err
	}
	_, err := w.Write(f.text)
	return err
}

// form returns the place of a form; nil where there are too many.
func (s *SharedItem[O, U]) form(id runtime.Identifier) *form {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.kept {
		if f.id == id {
			return f
		}
	}
	if len(s.kept) >= maxKept {
		return nil
	}
	f := &form{id: id}
	s.kept = append(s.kept, f)
	return f
}

// GetObject implements runtime.CacheableObject.
func (s *SharedItem[O, U]) GetObject() runtime.Object { return &s.Item }
