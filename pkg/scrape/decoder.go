package scrape

import (
	"context"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Decoder makes samples of the answers of one node. It may remember the latest, and is used by one goroutine.
type Decoder interface {
	// Decode makes n a sample of the body, which it does not keep; it may use the memory of n's slices again. It must bear any input. Where
	// the context ends it gives up, with the context's cause.
	Decode(ctx context.Context, body []byte, n *sample.Node) error
}

// Stateless is a decoder that remembers nothing: one serves all nodes.
type Stateless func(ctx context.Context, body []byte) (sample.Node, error)

// Decode implements Decoder.
func (s Stateless) Decode(ctx context.Context, body []byte, n *sample.Node) (err error) {
	*n, err = s(ctx, body)
	return err
}

// New returns the decoder itself, for Source.NewDecoder.
func (s Stateless) New() Decoder { return s }
