package apiserver

import (
	"bufio"
	"io"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// numbers are what the registries return: they can write themselves, which costs less than to make the API's types and write those.
type numbers interface {
	runtime.Object
	// WriteJSON and WriteProtobuf write what the library would write of API, in a version of the API.
	WriteJSON(w io.Writer, version schema.GroupVersion) error
	WriteProtobuf(w io.Writer, version schema.GroupVersion) error
	// API returns the same as one of the API's types, in the internal version.
	API() runtime.Object
}

// ownSerializer is the library's, which numbers go past where they can.
type ownSerializer struct {
	runtime.NegotiatedSerializer
	// compress has large answers compressed for clients that accept it.
	compress bool
	// frames are the buffers that answers are written through.
	frames *sync.Pool
}

func newSerializer(library runtime.NegotiatedSerializer, compress bool) ownSerializer {
	frames := &sync.Pool{New: func() any { return bufio.NewWriterSize(nil, frame) }}
	return ownSerializer{NegotiatedSerializer: library, compress: compress, frames: frames}
}

// EncoderForVersion implements runtime.NegotiatedSerializer. Only the plain formats are written without the library.
func (s ownSerializer) EncoderForVersion(format runtime.Encoder, version runtime.GroupVersioner) runtime.Encoder {
	library := s.NegotiatedSerializer.EncoderForVersion(format, version)
	exact, ok := version.(schema.GroupVersion)
	if !ok {
		return library
	}
	e := &encoder{Encoder: library, version: exact, compress: s.compress, frames: s.frames}
	for _, info := range s.SupportedMediaTypes() {
		switch {
		case format != runtime.Encoder(info.Serializer):
		case info.MediaType == runtime.ContentTypeJSON:
			e.write = numbers.WriteJSON
		case info.MediaType == runtime.ContentTypeProtobuf:
			e.write = numbers.WriteProtobuf
		}
	}
	return e
}

// encoder encodes for one format and one version of the API.
type encoder struct {
	// Encoder is the library's.
	runtime.Encoder
	version  schema.GroupVersion
	compress bool
	frames   *sync.Pool
	// write writes numbers; nil in formats that only the library knows.
	write func(n numbers, w io.Writer, version schema.GroupVersion) error
}

// Encode implements runtime.Encoder.
func (e *encoder) Encode(object runtime.Object, w io.Writer) error {
	n, ok := object.(numbers)
	if !ok {
		return e.Encoder.Encode(object, w)
	}
	if e.write == nil {
		return e.Encoder.Encode(n.API(), w)
	}
	buffer := e.frames.Get().(*bufio.Writer)
	buffer.Reset(w)
	defer func() {
		buffer.Reset(nil) // An answer that is over must not be kept by what it was written through.
		e.frames.Put(buffer)
	}()
	out := &framed{Writer: buffer, alone: e.compress}
	if err := e.write(n, out, e.version); err != nil {
		return err
	}
	return out.Flush()
}

// frame is how much is written at once, in bytes. With the nine bytes of an HTTP/2 frame's head it fills one TLS record, and not one
// and a little of the next.
const frame = 16<<10 - 9

// framed writes in frames. Where the first write is to stand alone, the library takes the answer for one that is streamed, and
// compresses it if it is large; it compresses no other.
type framed struct {
	*bufio.Writer
	alone bool
}

// Write implements io.Writer.
func (f *framed) Write(text []byte) (int, error) {
	n, err := f.Writer.Write(text)
	return n, f.separate(err)
}

// WriteString implements io.StringWriter.
func (f *framed) WriteString(text string) (int, error) {
	n, err := f.Writer.WriteString(text)
	return n, f.separate(err)
}

func (f *framed) separate(err error) error {
	if err != nil || !f.alone {
		return err
	}
	f.alone = false
	return f.Flush()
}
