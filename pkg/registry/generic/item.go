package generic

import (
	"bytes"
	"io"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/plimsoll/plimsoll/pkg/encode"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Item is one object with its usage. It is written without being converted to one of the API's types, and its encoding is kept for the
// next reader until the object or the usage is replaced.
type Item[O, U any] struct {
	// Object and Used are shared and never changed.
	Object O
	Used   *U
	// cell keeps the encodings.
	cell     *usage.Cell[U]
	encoding *Encoding[O, U]
}

// GetObjectKind is empty: the encoder knows kind and version. It implements runtime.Object.
func (i *Item[O, U]) GetObjectKind() schema.ObjectKind { return schema.EmptyObjectKind }

// DeepCopyObject returns the same as one of the API's types, which is the caller's.
func (i *Item[O, U]) DeepCopyObject() runtime.Object { return i.API() }

// GetObjectMeta implements metav1.ObjectMetaAccessor.
func (i *Item[O, U]) GetObjectMeta() metav1.Object {
	meta := ObjectMeta(i.encoding.Meta(i.Object, i.Used))
	return &meta
}

// API returns the same as one of the API's types, in the internal version.
func (i *Item[O, U]) API() runtime.Object { return i.encoding.API(i.Object, i.Used) }

// WriteJSON writes the object as it is in a version of the API.
func (i *Item[O, U]) WriteJSON(w io.Writer, version schema.GroupVersion) error {
	p := printer{w: w}
	p.print(`{"kind":"`, i.encoding.Name, `","apiVersion":"`, version.String(), `",`)
	p.write(i.json(new([]byte))[1:])
	p.print("\n")
	return p.err
}

// WriteProtobuf writes the object as it is in a version of the API.
func (i *Item[O, U]) WriteProtobuf(w io.Writer, version schema.GroupVersion) error {
	p, text := printer{w: w}, i.protobuf(new([]byte))
	p.write(encode.Magic())
	p.write(encode.EnvelopeHead(version.String(), i.encoding.Name, len(text)))
	p.write(text)
	p.write(encode.EnvelopeTail())
	return p.err
}

func (i *Item[O, U]) json(scratch *[]byte) []byte {
	return i.encoded(&i.cell.JSON, i.encoding.JSON, scratch)
}

func (i *Item[O, U]) protobuf(scratch *[]byte) []byte {
	return i.encoded(&i.cell.Protobuf, i.encoding.Protobuf, scratch)
}

// typicalSize is more than most encodings take, in bytes.
const typicalSize = 1 << 10

// encoded is what is kept, if it is of this object and this usage, and encoded anew otherwise. An encoding is written to scratch before
// its size is known, and kept in memory of its own size. One scratch is enough for a list.
func (i *Item[O, U]) encoded(kept *usage.Encoded, write func([]byte, encode.Meta, *U) []byte, scratch *[]byte) []byte {
	if text, ok := kept.Get(i.Object, i.Used); ok {
		return text
	}
	*scratch = write(slices.Grow((*scratch)[:0], typicalSize), i.encoding.Meta(i.Object, i.Used), i.Used)
	text := bytes.Clone(*scratch)
	kept.Put(i.Object, i.Used, text)
	return text
}
