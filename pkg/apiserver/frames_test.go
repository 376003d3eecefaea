package apiserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/metrics/pkg/apis/metrics"
)

// pieces is an object that is written piece by piece.
type pieces struct {
	metav1.TypeMeta
	parts   []string
	written int
	// err is what ends the writing by itself.
	err error
}

func (p *pieces) DeepCopyObject() runtime.Object { return p.API() }
func (p *pieces) API() runtime.Object            { return &metrics.NodeMetricsList{} }

func (p *pieces) WriteJSON(w io.Writer, _ schema.GroupVersion) error { return p.write(w) }

func (p *pieces) WriteProtobuf(w io.Writer, _ schema.GroupVersion) error { return p.write(w) }

// write alternates between bytes and strings.
func (p *pieces) write(w io.Writer) error {
	for i, text := range p.parts {
		p.written++
		write := func() (int, error) { return w.Write([]byte(text)) }
		if i%2 == 1 {
			write = func() (int, error) { return io.WriteString(w, text) }
		}
		if _, err := write(); err != nil {
			return err
		}
	}
	return p.err
}

// manyPieces are more than several frames hold.
func manyPieces() *pieces {
	p := &pieces{parts: []string{"{"}}
	for i := range 700 {
		p.parts = append(p.parts, fmt.Sprintf("%0*d", 1+i%300, i))
	}
	return p
}

// recorder records what is written, and the size of each write, until it fails.
type recorder struct {
	bytes.Buffer
	sizes []int
	// limit is how many writes succeed; -1 for all.
	limit int
}

var errGone = errors.New("the client has gone")

func (r *recorder) Write(text []byte) (int, error) {
	r.sizes = append(r.sizes, len(text))
	if r.limit >= 0 && len(r.sizes) > r.limit {
		return 0, errGone
	}
	return r.Buffer.Write(text)
}

// TestResponsesAreWrittenInFrames wants full frames but for the last, and for the first where it is separate.
func TestResponsesAreWrittenInFrames(t *testing.T) {
	for _, compress := range []bool{false, true} {
		for _, mediaType := range []string{runtime.ContentTypeJSON, runtime.ContentTypeProtobuf} {
			t.Run(fmt.Sprintf("%s, compressed: %t", mediaType, compress), func(t *testing.T) {
				object, out := manyPieces(), &recorder{limit: -1}
				if err := encoderOf(t, mediaType, compress).Encode(object, out); err != nil {
					t.Fatal(err)
				}
				if out.String() != strings.Join(object.parts, "") {
					t.Error("what was written is not what the object wrote")
				}
				full := out.sizes[:len(out.sizes)-1]
				if compress {
					if out.sizes[0] != 1 {
						t.Errorf("the first write has %d bytes, want 1", out.sizes[0])
					}
					full = full[1:]
				}
				if len(full) < 3 || slices.ContainsFunc(full, func(size int) bool { return size != frameSize }) {
					t.Errorf("frames of %v bytes", out.sizes)
				}
			})
		}
	}
}

// TestErrorOfTheWriterEndsTheResponse has a write fail after each of the frames.
func TestErrorOfTheWriterEndsTheResponse(t *testing.T) {
	all := &recorder{limit: -1}
	if err := encoderOf(t, runtime.ContentTypeJSON, true).Encode(manyPieces(), all); err != nil {
		t.Fatal(err)
	}
	for _, mediaType := range []string{runtime.ContentTypeJSON, runtime.ContentTypeProtobuf} {
		for limit := range len(all.sizes) {
			t.Run(fmt.Sprintf("%s after %d writes", mediaType, limit), func(t *testing.T) {
				object, out := manyPieces(), &recorder{limit: limit}
				if err := encoderOf(t, mediaType, true).Encode(object, out); !errors.Is(err, errGone) {
					t.Errorf("got error %v, want that of the writer", err)
				}
				if len(out.sizes) != limit+1 {
					t.Errorf("%d writes, want %d", len(out.sizes), limit+1)
				}
				if last := limit == len(all.sizes)-1; (object.written == len(object.parts)) != last {
					t.Errorf("%d of %d pieces were made", object.written, len(object.parts))
				}
			})
		}
	}
}

// TestErrorOfTheObjectIsReturned has an object fail before the first frame is full: nothing is written.
func TestErrorOfTheObjectIsReturned(t *testing.T) {
	object, out := &pieces{parts: []string{"half"}, err: errGone}, &recorder{limit: -1}
	if err := encoderOf(t, runtime.ContentTypeJSON, false).Encode(object, out); !errors.Is(err, errGone) {
		t.Errorf("got error %v, want that of the object", err)
	}
	if out.Len() != 0 {
		t.Errorf("%q was written", out)
	}
}
