package decode

import (
	"context"
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// Stateless is a decoder without memory, which can serve all nodes.
type Stateless func(ctx context.Context, body []byte) (sample.Node, error)

// Decode makes n a sample of the body.
func (s Stateless) Decode(ctx context.Context, body []byte, n *sample.Node) (err error) {
	*n, err = s(ctx, body)
	return err
}

// Safely runs a decoder. It turns a panic into ErrPanic, because no body of one kubelet may end the process, and bounds the text of an error.
func Safely(decode func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = excerpt.Error(fmt.Errorf("%w: %v", ErrPanic, fault))
		}
	}()
	return excerpt.Error(decode())
}
