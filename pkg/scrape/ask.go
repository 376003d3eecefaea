package scrape

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

// ask requests a URL and gives the body to use, with the time at which the request was sent. Large bodies are used one at a time in the whole
// process. The body is valid only until use returns, and use gives up where its context ends.
func (m *Manager) ask(ctx context.Context, q question, use func(ctx context.Context, body []byte, sentAt time.Time) error) error {
	requesting, cancel := context.WithTimeout(ctx, q.timeout)
	defer cancel()
	body, sentAt, err := q.client.Get(requesting, q.conn, q.url, kubelet.MaxBody)
	if err != nil {
		return err
	}
	defer body.Close()
	if !body.IsLarge() {
		return use(ctx, body.Bytes(), sentAt)
	}
	return useLarge(ctx, q, body, func(ctx context.Context) error { return use(ctx, body.Bytes(), sentAt) })
}

// useLarge runs use while no other large body is used, and within the budget of the question.
func useLarge(ctx context.Context, q question, body *kubelet.Body, use func(context.Context) error) error {
	end, err := body.AwaitDecoding(ctx)
	if err != nil {
		return err
	}
	defer end()
	ctx, cancel := context.WithTimeoutCause(ctx, q.budget, errOverBudget)
	defer cancel()
	return use(ctx)
}

// question is what one kubelet is asked once, and how.
type question struct {
	client *kubelet.Client
	conn   *kubelet.Conn
	url    string
	// timeout bounds the request, and budget the time for which a large body is decoded.
	timeout, budget time.Duration
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
	return errors.Is(err, errOverBudget) || errors.Is(err, kubelet.ErrTooLarge) || errors.Is(err, decode.ErrTooMany)
}

func budget(resolution time.Duration) time.Duration { return max(resolution/budgetShare, minBudget) }

// askSample requests a sample and gives it to use, with the time at which the request was sent: that is the timestamp of all that came without
// one. The sample is valid only until use returns.
func (m *Manager) askSample(ctx context.Context, q question, d Decoder, use func(n *sample.Node, sentAt time.Time) error) error {
	return m.ask(ctx, q, func(ctx context.Context, body []byte, sentAt time.Time) error {
		n := m.samples.Get().(*sample.Node)
		if err := guarded(func() error { return d.Decode(ctx, body, n) }); err != nil {
			return err
		}
		defer m.samples.Put(n)
		if cause := context.Cause(ctx); errors.Is(cause, errOverBudget) {
			return cause
		}
		n.Stamp(sentAt.UnixNano())
		return use(n, sentAt)
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
