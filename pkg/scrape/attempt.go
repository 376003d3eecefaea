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
	// target is where the node is scraped, and original the target as it was set.
	target, original target.Target
	source           Source
	// way is how the node is scraped, and decoder decodes the responses of the target's URL.
	way     way
	decoder Decoder
	// before and fallback are those of the node when the attempt began.
	before   status
	fallback fallback
}

// way is a way to scrape a node: the zero value is the one that the source names.
type way struct {
	// summary is true for the kubelet's summary in place of the endpoint that the source names, withoutQuery for a URL without its query.
	summary, withoutQuery bool
}

// newAttempt returns the attempt of a scrape that begins now.
func (n *nodeScraper) newAttempt() attempt {
	n.mu.Lock()
	defer n.mu.Unlock()
	source := n.manager.config.Sources[n.target.Source]
	if n.decoder == nil {
		n.decoder = source.NewDecoder()
	}
	n.conn.Addresses, n.conn.Names = strings.Fields(n.target.Addresses), strings.Fields(n.target.Names)
	a := attempt{target: n.target, original: n.target, source: source, decoder: n.decoder, before: n.status, fallback: n.fallback}
	if other, ok := a.by(n.fallback.way, n.manager); ok && !n.fallback.isOver() {
		return other
	}
	return a
}

// by is the same attempt in another way, where the target has that.
func (a attempt) by(w way, m *Manager) (_ attempt, ok bool) {
	a.way = w
	if w.summary {
		a.target.URL, a.target.SummaryURL, a.target.ExtraSummaryURL = a.target.SummaryURL, "", ""
		a.decoder = m.config.SummaryDecoder
	}
	hasQuery := strings.Contains(a.target.URL, "?")
	if w.withoutQuery {
		a.target.URL = kubelet.WithoutQuery(a.target.URL)
	}
	return a, a.target.URL != "" && (hasQuery || !w.withoutQuery)
}

// getSample requests a URL and passes the sample of the response to use, with the time at which the request was sent: that is the timestamp of all
// that came without one. The sample is valid only until use returns.
func (n *nodeScraper) getSample(ctx context.Context, a attempt, url string, d Decoder, use func(s *sample.Node, sentAt time.Time) error) error {
	requesting, cancel := context.WithTimeout(ctx, a.source.Timeout)
	defer cancel()
	body, sentAt, err := a.source.Client.Get(requesting, &n.conn, url, kubelet.MaxBody)
	if err != nil {
		return err
	}
	defer body.Close()
	metrics := n.manager.config.Metrics
	metrics.bytes.WithLabelValues(metrics.cluster).Add(float64(len(body.Bytes())))
	ctx, end, err := a.awaitDecoding(ctx, body)
	if err != nil {
		return err
	}
	defer end()
	s := n.manager.samples.Get().(*sample.Node)
	if err := decode.Safely(func() error { return d.Decode(ctx, body.Bytes(), s) }); err != nil {
		return err
	}
	defer n.manager.samples.Put(s)
	if cause := context.Cause(ctx); errors.Is(cause, reason.ErrOverBudget) {
		return cause
	}
	s.Stamp(sentAt.UnixNano())
	return use(s, sentAt)
}

// awaitDecoding waits until a large body may be decoded: one at a time in the whole process, within a time that leaves most of the interval to other
// nodes. The context that it returns ends after that time. The caller calls end when the body has been decoded.
func (a attempt) awaitDecoding(ctx context.Context, body *kubelet.Body) (_ context.Context, end func(), err error) {
	if !body.IsLarge() {
		return ctx, func() {}, nil
	}
	decoded, err := body.AwaitDecoding(ctx)
	if err != nil {
		return nil, nil, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, max(a.source.Resolution/4, time.Second), reason.ErrOverBudget)
	return limited, func() { cancel(); decoded() }, nil
}

// isExcessive is true for a response that costs much and brings nothing: its node is scraped less often at once.
func isExcessive(err error) bool {
	return errors.Is(err, reason.ErrOverBudget) || errors.Is(err, kubelet.ErrTooLarge) || errors.Is(err, decode.ErrTooMany)
}
