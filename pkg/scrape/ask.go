package scrape

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// ask fetches one answer, decodes it and gives it to use, which may run at the same time as those of other nodes, but no more of
// them than there are cores.
func (m *Manager) ask(ctx context.Context, url string, decode func([]byte) (sample.Node, error), use func(*sample.Node) error) error {
	body := m.bodies.Get().(*bytes.Buffer)
	defer m.bodies.Put(body)
	body.Reset()
	if err := m.fetcher.fetch(ctx, url, body); err != nil {
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
	n.Stamp(received.UnixNano())
	return use(&n)
}

// errDecoder is a fault of ours, or of a parser that we use, that a kubelet's answer brought about.
var errDecoder = errors.New("the decoder failed")

// guarded keeps a decoder's panic from ending the process: no answer of one kubelet may cost the others theirs.
func guarded(decode func([]byte) (sample.Node, error), body []byte) (n sample.Node, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			n, err = sample.Node{}, fmt.Errorf("%w: %v", errDecoder, fault)
		}
	}()
	return decode(body)
}
