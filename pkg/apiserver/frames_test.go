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

// pieces are numbers that are written piece by piece.
type pieces struct {
	metav1.TypeMeta
	texts   []string
	written int
	// err is what ends the writing by itself.
	err error
}

func (p *pieces) DeepCopyObject() runtime.Object { return p.API() }
func (p *pieces) API() runtime.Object            { return &metrics.NodeMetricsList{} }

func (p *pieces) WriteJSON(w io.Writer, _ schema.GroupVersion) error { return p.write(w) }

func (p *pieces) WriteProtobuf(w io.Writer, _ schema.GroupVersion) error { return p.write(w) }

// write goes from bytes to texts and back.
func (p *pieces) write(w io.Writer) error {
	for i, text := range p.texts {
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
	p := &pieces{texts: []string{"{"}}
	for i := range 700 {
		p.texts = append(p.texts, fmt.Sprintf("%0*d", 1+i%300, i))
	}
	return p
}

// recorder keeps what is written, and in which pieces, until it fails.
type recorder struct {
	bytes.Buffer
	sizes []int
	// room is how many writes it takes; -1 for all.
	room int
}

var errGone = errors.New("the client has gone")

func (r *recorder) Write(text []byte) (int, error) {
	r.sizes = append(r.sizes, len(text))
	if r.room >= 0 && len(r.sizes) > r.room {
		return 0, errGone
	}
	return r.Buffer.Write(text)
}

// TestAnswersAreWrittenInFrames wants frames that are full, but for the last, and for the first where it stands alone.
func TestAnswersAreWrittenInFrames(t *testing.T) {
	for _, compress := range []bool{false, true} {
		for _, mediaType := range []string{runtime.ContentTypeJSON, runtime.ContentTypeProtobuf} {
			t.Run(fmt.Sprintf("%s, compressed: %t", mediaType, compress), func(t *testing.T) {
				object, out := manyPieces(), &recorder{room: -1}
				if err := encoderOf(t, mediaType, compress).Encode(object, out); err != nil {
					t.Fatal(err)
				}
				if out.String() != strings.Join(object.texts, "") {
					t.Error("what was written is not what the numbers wrote")
				}
				full := out.sizes[:len(out.sizes)-1]
				if compress {
					if out.sizes[0] != 1 {
						t.Errorf("the first write has %d bytes, want 1", out.sizes[0])
					}
					full = full[1:]
				}
				if len(full) < 3 || slices.ContainsFunc(full, func(size int) bool { return size != frame }) {
					t.Errorf("frames of %v bytes", out.sizes)
				}
			})
		}
	}
}

// TestAnErrorOfTheWriterEndsTheAnswer has the client go after each of the frames.
func TestAnErrorOfTheWriterEndsTheAnswer(t *testing.T) {
	all := &recorder{room: -1}
	if err := encoderOf(t, runtime.ContentTypeJSON, true).Encode(manyPieces(), all); err != nil {
		t.Fatal(err)
	}
	for _, mediaType := range []string{runtime.ContentTypeJSON, runtime.ContentTypeProtobuf} {
		for room := range len(all.sizes) {
			t.Run(fmt.Sprintf("%s after %d writes", mediaType, room), func(t *testing.T) {
				object, out := manyPieces(), &recorder{room: room}
				if err := encoderOf(t, mediaType, true).Encode(object, out); !errors.Is(err, errGone) {
					t.Errorf("got error %v, want that of the writer", err)
				}
				if len(out.sizes) != room+1 {
					t.Errorf("%d writes, want %d", len(out.sizes), room+1)
				}
				if last := room == len(all.sizes)-1; (object.written == len(object.texts)) != last {
					t.Errorf("%d of %d pieces were made", object.written, len(object.texts))
				}
			})
		}
	}
}

// TestAnErrorOfTheNumbersIsReturned has nothing be written of what is only half there, where it fits a frame.
func TestAnErrorOfTheNumbersIsReturned(t *testing.T) {
	object, out := &pieces{texts: []string{"half"}, err: errGone}, &recorder{room: -1}
	if err := encoderOf(t, runtime.ContentTypeJSON, false).Encode(object, out); !errors.Is(err, errGone) {
		t.Errorf("got error %v, want that of the numbers", err)
	}
	if out.Len() != 0 {
		t.Errorf("%q was written", out)
	}
}
