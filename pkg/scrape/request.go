package scrape

import (
	"context"
	"errors"
	"time"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/sample"
)

const (
	// budgetShare is the part of the resolution for which a large body may be decoded, and minBudget the least that it has.
	budgetShare = 4
	minBudget   = time.Second
)

// request is one request to a kubelet.
type request struct {
	client *kubelet.Client
	conn   *kubelet.Conn
	url    string
	// timeout bounds the request, and budget the time for which a large body is decoded.
	timeout, budget time.Duration
}

func decodingBudget(resolution time.Duration) time.Duration {
	return max(resolution/budgetShare, minBudget)
}

// get sends a request and passes the body to use, with the time at which the request was sent. Large bodies are used one at a time in the whole
// process. The body is valid only until use returns, and use returns early where its context ends.
func (r request) get(ctx context.Context, use func(ctx context.Context, body []byte, sentAt time.Time) error) error {
	requesting, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	body, sentAt, err := r.client.Get(requesting, r.conn, r.url, kubelet.MaxBody)
	if err != nil {
		return err
	}
	defer body.Close()
	if body.IsLarge() {
		end, err := body.AwaitDecoding(ctx)
		if err != nil {
			return err
		}
		defer end()
		limited, cancel := context.WithTimeoutCause(ctx, r.budget, reason.ErrOverBudget)
		defer cancel()
		ctx = limited
	}
	return use(ctx, body.Bytes(), sentAt)
}

// getSample sends a request and passes the sample of the response to use, with the time at which the request was sent: that is the timestamp of
// all that came without one. The sample is valid only until use returns.
func (m *Manager) getSample(ctx context.Context, r request, d Decoder, use func(s *sample.Node, sentAt time.Time) error) error {
	return r.get(ctx, func(ctx context.Context, body []byte, sentAt time.Time) error {
		s := m.samples.Get().(*sample.Node)
		if err := decode.Safely(func() error { return d.Decode(ctx, body, s) }); err != nil {
			return err
		}
		defer m.samples.Put(s)
		if cause := context.Cause(ctx); errors.Is(cause, reason.ErrOverBudget) {
			return cause
		}
		s.Stamp(sentAt.UnixNano())
		return use(s, sentAt)
	})
}

// isExcessive is true for a response that costs much and brings nothing: its node is scraped less often at once.
func isExcessive(err error) bool {
	return errors.Is(err, reason.ErrOverBudget) || errors.Is(err, kubelet.ErrTooLarge) || errors.Is(err, decode.ErrTooMany)
}
