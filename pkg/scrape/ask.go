package scrape

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// ask fetches one answer, decodes it and gives it to use, with the time of receipt. Uses may run at the same time as those of
// other nodes, but no more of them than there are cores.
func ask[T any](ctx context.Context, m *Manager, q question, decode func([]byte) (T, error), use func(*T, time.Time) error) error {
	body := m.bodies.Get().(*bytes.Buffer)
	defer m.bodies.Put(body)
	body.Reset()
	if err := fetch(ctx, q, body); err != nil {
		return err
	}
	received := time.Now()
	if err := m.decoding.Acquire(ctx, 1); err != nil {
		return err
	}
	defer m.decoding.Release(1)
	n, err := guarded(decode, body.Bytes())
	if err != nil {
		return err
	}
	return use(&n, received)
}

// errDecoder is a fault of ours, or of a parser that we use, that a kubelet's answer brought about.
var errDecoder = errors.New("the decoder failed")

// guarded keeps a decoder's panic from ending the process: no answer of one kubelet may cost the others theirs.
func guarded[T any](decode func([]byte) (T, error), body []byte) (n T, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			var none T
			n, err = none, fmt.Errorf("%w: %v", errDecoder, fault)
		}
	}()
	return decode(body)
}
