package apiserver

import (
	"bufio"
	"io"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// encodable is an object of the registries that encodes itself, which costs less than to build objects of the API's types and encode them.
type encodable interface {
	runtime.Object
	// WriteJSON and WriteProtobuf write what the library would write of API, in a version of the API.
	WriteJSON(w io.Writer, version schema.GroupVersion) error
	WriteProtobuf(w io.Writer, version schema.GroupVersion) error
	// API returns the same as one of the API's types, in the internal version.
	API() runtime.Object
}

// usageSerializer is the library's serializer but for encodable objects.
type usageSerializer struct {
	runtime.NegotiatedSerializer
	// compress has large responses compressed for clients that accept it.
	compress bool
	// buffers has a *bufio.Writer of frameSize for each response that is written at the same time.
	buffers *sync.Pool
}

func newSerializer(library runtime.NegotiatedSerializer, compress bool) usageSerializer {
	buffers := &sync.Pool{New: func() any { return bufio.NewWriterSize(nil, frameSize) }}
	return usageSerializer{NegotiatedSerializer: library, compress: compress, buffers: buffers}
}

// EncoderForVersion implements runtime.NegotiatedSerializer. Only plain JSON and plain protobuf are written without the library.
func (s usageSerializer) EncoderForVersion(format runtime.Encoder, version runtime.GroupVersioner) runtime.Encoder {
	library := s.NegotiatedSerializer.EncoderForVersion(format, version)
	exact, ok := version.(schema.GroupVersion)
	if !ok {
		return library
	}
	return &encoder{Encoder: library, version: exact, compress: s.compress, buffers: s.buffers, write: s.writerFor(format)}
}

// writerFor returns the method that writes an object in a format; nil where only the library knows the format.
func (s usageSerializer) writerFor(format runtime.Encoder) writeFunc {
	for _, info := range s.SupportedMediaTypes() {
		switch {
		case format != runtime.Encoder(info.Serializer):
		case info.MediaType == runtime.ContentTypeJSON:
			return encodable.WriteJSON
		case info.MediaType == runtime.ContentTypeProtobuf:
			return encodable.WriteProtobuf
		}
	}
	return nil
}

// writeFunc is a method of encodable.
type writeFunc func(object encodable, w io.Writer, version schema.GroupVersion) error

// encoder encodes for one format and one version of the API.
type encoder struct {
	// Encoder is the library's.
	runtime.Encoder
	version  schema.GroupVersion
	compress bool
	buffers  *sync.Pool
	// write is nil in formats that only the library knows.
	write writeFunc
}

// Encode implements runtime.Encoder.
func (e *encoder) Encode(object runtime.Object, w io.Writer) error {
	o, ok := object.(encodable)
	if !ok {
		return e.Encoder.Encode(object, w)
	}
	if e.write == nil {
		return e.Encoder.Encode(o.API(), w)
	}
	return e.encode(o, w)
}

func (e *encoder) encode(object encodable, w io.Writer) error {
	buf := e.buffers.Get().(*bufio.Writer)
	buf.Reset(w)
	defer func() {
		buf.Reset(nil) // The pool must not keep the response.
		e.buffers.Put(buf)
	}()
	out := &frameWriter{Writer: buf, separateFirst: e.compress}
	if err := e.write(object, out, e.version); err != nil {
		return err
	}
	return out.Flush()
}
