package scrape

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// ask fetches one answer and gives it to use, with the time at which the kubelet was asked. Uses may run at the same time as those of other
// nodes, but no more of them than there are cores. The body is theirs only until they return.
func (m *Manager) ask(ctx context.Context, q question, use func(body []byte, asked time.Time) error) error {
	begin := time.Now()
	body, err := fetch(ctx, q, &m.bodies)
	if err != nil {
		return err
	}
	defer m.bodies.Put(body)
	if err := m.decoding.Acquire(ctx, 1); err != nil {
		return err
	}
	defer m.decoding.Release(1)
	return use(body.Bytes(), q.line.asked(begin))
}

// askSample asks for a sample, and gives it to use with the time of asking on all that came without a time. It is theirs only until
// they return.
func (m *Manager) askSample(ctx context.Context, q question, d Decoder, use func(*sample.Node) error) error {
	return m.ask(ctx, q, func(body []byte, asked time.Time) error {
		n := m.samples.Get().(*sample.Node)
		if err := guarded(func() error { return d.Decode(body, n) }); err != nil {
			return err
		}
		defer m.samples.Put(n)
		n.Stamp(asked.UnixNano())
		return use(n)
	})
}

// errDecoder is a fault of ours, or of a parser that we use, that a kubelet's answer brought about.
var errDecoder = errors.New("the decoder failed")

// guarded keeps a decoder's panic from ending the process: no answer of one kubelet may cost the others theirs.
func guarded(decode func() error) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%w: %v", errDecoder, fault)
		}
	}()
	return decode()
}
