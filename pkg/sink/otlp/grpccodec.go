package otlp

import (
	"fmt"
	"io"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
)

// encodedCodec sends requests that are bytes already. Responses are messages.
type encodedCodec struct{}

// Name implements encoding.CodecV2. It is that of protobuf, which the bytes are.
func (encodedCodec) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (encodedCodec) Marshal(v any) (mem.BufferSlice, error) {
	body, ok := v.([]byte)
	if !ok {
		return nil, fmt.Errorf("a request of type %T is not encoded", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(body)}, nil
}

// Unmarshal implements encoding.CodecV2.
func (encodedCodec) Unmarshal(data mem.BufferSlice, v any) error {
	message, ok := v.(proto.Message)
	if !ok {
		return fmt.Errorf("a response of type %T is no message", v)
	}
	return proto.Unmarshal(data.Materialize(), message)
}

// compressedAlready sends payloads as the encoder has compressed them, so that they wait compressed and are compressed once.
type compressedAlready struct{}

// Do implements grpc.Compressor.
func (compressedAlready) Do(w io.Writer, body []byte) error {
	_, err := w.Write(body)
	return err
}

// Type implements grpc.Compressor.
func (compressedAlready) Type() string { return "gzip" }
