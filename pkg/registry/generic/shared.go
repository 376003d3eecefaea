package generic

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
)

const (
	// sharedForms is in how many forms the item of a change is kept, until all watchers have sent it: two versions, JSON and protobuf, and tables with and
	// without headings.
	sharedForms = 8
	// firstForms is the same for the first events of watches, which are kept as long as they are served: those of most clients.
	firstForms = 2
)

// SharedItem is an Item that many watchers encode at the same time. What one of them has encoded is kept for the others.
type SharedItem[O, U any] struct {
	Item[O, U]
	// most is in how many forms it is kept.
	most int
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

var errNotEncoded = errors.New("the object could not be encoded for another watch")

var _ runtime.CacheableObject = &SharedItem[int, int]{}

// CacheEncode implements runtime.CacheableObject. The first caller encodes, and others of the same form wait for it.
func (s *SharedItem[O, U]) CacheEncode(id runtime.Identifier, encode func(runtime.Object, io.Writer) error, w io.Writer) error {
	f := s.form(id)
	if f == nil {
		return encode(&s.Item, w)
	}
	f.once.Do(func() {
		var text bytes.Buffer
		f.err = errNotEncoded // Others see it where encode panics.
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
	if len(s.kept) >= s.most {
		return nil
	}
	f := &form{id: id}
	s.kept = append(s.kept, f)
	return f
}

// GetObject implements runtime.CacheableObject.
func (s *SharedItem[O, U]) GetObject() runtime.Object { return &s.Item }
