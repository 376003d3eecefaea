package scrape

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// ask fetches one answer and gives it to use, with the time at which the kubelet was asked. Uses may run at the same time as those of other
// nodes, but no more of them than there are cores, and of large answers one at a time. The body is theirs only until they return, and
// they give up where their context ends.
func (m *Manager) ask(ctx context.Context, q question, use func(ctx context.Context, body []byte, asked time.Time) error) error {
	begin := time.Now()
	body, err := fetch(ctx, q, m.bodies)
	if err != nil {
		return err
	}
	defer body.close()
	asked := q.line.asked(begin)
	if body.isLarge() {
		return m.useLarge(ctx, q, func(ctx context.Context) error { return use(ctx, body.Bytes(), asked) })
	}
	if err := m.decoding.Acquire(ctx, 1); err != nil {
		return err
	}
	defer m.decoding.Release(1)
	return use(ctx, body.Bytes(), asked)
}

// useLarge runs what is made of a large answer, by itself and within the question's budget. Others go on meanwhile.
func (m *Manager) useLarge(ctx context.Context, q question, use func(context.Context) error) error {
	q.line.outside(true)
	err := m.memory.decoding.Acquire(ctx, 1)
	q.line.outside(false)
	if err != nil {
		return err
	}
	defer m.memory.decoding.Release(1)
	ctx, cancel := context.WithTimeoutCause(ctx, q.budget, errOverBudget)
	defer cancel()
	return use(ctx)
}

const (
	// budgetShare is which part of the time between two looks a large answer may be decoded for.
	budgetShare = 4
	// minBudget leaves room where looks are frequent and cores are few.
	minBudget = time.Second
)

// errOverBudget is an answer that took too long to decode.
var errOverBudget = errors.New("decoding the answer takes too long")

// isAbsurd is true for an answer that costs much and brings nothing: its node is asked less often at once.
func isAbsurd(err error) bool {
	return errors.Is(err, errOverBudget) || errors.Is(err, errTooLarge) || errors.Is(err, decode.ErrTooMany)
}

func budget(resolution time.Duration) time.Duration { return max(resolution/budgetShare, minBudget) }

// askSample asks for a sample, and gives it to use with the time of asking on all that came without a time. It is theirs only until
// they return.
func (m *Manager) askSample(ctx context.Context, q question, d Decoder, use func(*sample.Node) error) error {
	return m.ask(ctx, q, func(ctx context.Context, body []byte, asked time.Time) error {
		n := m.samples.Get().(*sample.Node)
		if err := guarded(func() error { return d.Decode(ctx, body, n) }); err != nil {
			return err
		}
		defer m.samples.Put(n)
		if cause := context.Cause(ctx); errors.Is(cause, errOverBudget) {
			return cause
		}
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
			err = excerpt.Error(fmt.Errorf("%w: %v", errDecoder, fault))
		}
	}()
	return excerpt.Error(decode())
}
