package generic

import (
	"encoding/json"
	"io"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/plimsoll/plimsoll/pkg/encode"
)

// List is many objects with their usage. Nothing of them is copied: the list is written item by item.
type List[O, U any] struct {
	metav1.TypeMeta
	metav1.ListMeta
	// Items are in the order of namespace and name.
	Items    []Item[O, U]
	encoding *Encoding[O, U]
}

// DeepCopyObject returns the same as one of the API's types, which is the caller's.
func (l *List[O, U]) DeepCopyObject() runtime.Object { return l.API() }

// API returns the same as one of the API's types, in the internal version.
func (l *List[O, U]) API() runtime.Object {
	items := make([]runtime.Object, len(l.Items))
	for i := range l.Items {
		items[i] = l.Items[i].API()
	}
	list := l.encoding.NewList(l.ListMeta)
	_ = meta.SetList(list, items) // It fails for items of another type alone.
	return list
}

// WriteJSON writes the list as it is in a version of the API. The first write is one byte.
func (l *List[O, U]) WriteJSON(w io.Writer, version schema.GroupVersion) error {
	p := printer{w: w}
	p.print("{")
	described, _ := json.Marshal(l.ListMeta) // Strings and a number have no error.
	p.print(`"kind":"`, l.encoding.Name, `List","apiVersion":"`, version.String(), `","metadata":`)
	p.write(described)
	p.print(`,"items":[`)
	var scratch []byte
	for i := range l.Items {
		if i > 0 {
			p.print(",")
		}
		p.write(l.Items[i].json(&scratch))
	}
	p.print("]}\n")
	return p.err
}

// WriteProtobuf writes the list as it is in a version of the API. The first write is the magic number.
func (l *List[O, U]) WriteProtobuf(w io.Writer, version schema.GroupVersion) error {
	texts := make([][]byte, len(l.Items))
	head := encode.ListHead(&l.ListMeta)
	size := len(head)
	var scratch []byte
	for i := range l.Items {
		texts[i] = l.Items[i].protobuf(&scratch)
		size += encode.ItemSize(len(texts[i]))
	}
	p := printer{w: w}
	p.write(encode.Magic())
	p.write(encode.EnvelopeHead(version.String(), l.encoding.Name+"List", size))
	p.write(head)
	for _, text := range texts {
		scratch = encode.ItemHead(scratch[:0], len(text))
		p.write(scratch)
		p.write(text)
	}
	p.write(encode.EnvelopeTail())
	return p.err
}
