package scrape

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// attempt is one scrape of a node: what it goes by.
type attempt struct {
	target target.Target
	source Source
	conn   *kubelet.Conn
	// decoder decodes the responses of the target's URL.
	decoder Decoder
	// original is the target as it was set, and fallback how the node was scraped when the attempt began.
	original target.Target
	fallback fallback
	// followUp is true where the scrape follows another one closely, isThroughSummary where the other endpoint has no containers.
	followUp, isThroughSummary bool
	// ratesRefused is true where the kubelet has refused to serve its own rates.
	ratesRefused bool
	// lastStatus is the status code with which the scrape before ended; 0 where it ended in another way.
	lastStatus int
}

// newAttempt returns the attempt of a scrape that begins now.
func (n *nodeScraper) newAttempt() attempt {
	n.mu.Lock()
	defer n.mu.Unlock()
	a := attempt{
		target: n.target, original: n.target, source: n.manager.config.Sources[n.target.Source], conn: &n.conn,
		fallback: n.fallback, followUp: n.status.followUp, lastStatus: n.status.httpStatus,
		ratesRefused: n.status.ratesRefused,
	}
	if n.decoder == nil || n.decoderOf != n.target.Source {
		n.decoder, n.decoderOf = a.source.NewDecoder(), n.target.Source
	}
	a.decoder = n.decoder
	n.conn.Addresses = strings.Fields(n.target.Addresses)
	if n.target.SummaryURL != "" && !n.fallback.isOver() {
		a = a.throughSummary(n.manager)
	}
	return a
}

// request is one for a URL, with the timeout of the source.
func (a attempt) request(url string) request { return request{a.source, a.conn, url, a.source.Timeout} }

// throughSummary is the same attempt at the kubelet's summary.
func (a attempt) throughSummary(m *Manager) attempt {
	a.target.URL, a.target.SummaryURL, a.target.ExtraSummaryURL = a.target.SummaryURL, "", ""
	a.decoder, a.isThroughSummary = m.summary, true
	return a
}

// request is one request to a kubelet.
type request struct {
	source  Source
	conn    *kubelet.Conn
	url     string
	timeout time.Duration
}

// get sends a request and passes the body to use, with the time at which the request was sent. Large bodies are used one at a time in the whole
// process. The body is valid only until use returns, and use returns early where its context ends.
func (r request) get(ctx context.Context, use func(ctx context.Context, body []byte, sentAt time.Time) error) error {
	requesting, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	body, sentAt, err := r.source.Client.Get(requesting, r.conn, r.url, kubelet.MaxBody)
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
		budget := max(r.source.Resolution/4, time.Second) // It leaves most of the interval to other nodes.
		limited, cancel := context.WithTimeoutCause(ctx, budget, reason.ErrOverBudget)
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
