package scrape

import (
	"context"
	"errors"
	"net/http"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/target"
)

const (
	// slowScrapes and slowInterval say how much less often than the node is scraped the full summary is requested, in scrapes and in time: for
	// it a kubelet walks the directories of all logs. Extra resources that a kubelet does not have are requested no more often either.
	slowScrapes  = 4
	slowInterval = time.Minute
	// slowKept is for how many intervals what the full summary reported is served.
	slowKept = 3
)

// extraRequest is a request for extra resources that the endpoint of the scrape does not have.
type extraRequest struct {
	from sample.Endpoint
	url  string
	// interval is the time from one request to the next, keep how long the response is served.
	interval, keep time.Duration
}

// extraStatus is what the requests to one endpoint came to.
type extraStatus struct {
	// sent is when the newest was sent; zero for never.
	sent time.Time
	// unsupported is true where the kubelet does not have what the newest asked for; code is the cause of its failure, empty where there
	// was none.
	unsupported bool
	code        string
}

// extraEndpoints is to how many endpoints such requests go.
const extraEndpoints = 2

// extraRequests are those of one scrape. The short summary costs a kubelet no more than the scrape does, and holds averages over ten
// seconds, so it is requested with each scrape and served until the next but one.
func (v view) extraRequests() [extraEndpoints]extraRequest {
	every := v.source.Resolution
	slow := slowly(every)
	return [...]extraRequest{
		{sample.Summary, v.target.ExtraSummaryURL, every, every + every/2},
		{sample.FullSummary, v.target.FullSummaryURL, slow, slowKept * slow},
	}
}

func slowly(resolution time.Duration) time.Duration { return max(slowScrapes*resolution, slowInterval) }

// scrapeExtra requests the extra resources that are due. A failure costs nothing but them: it does not delay the next scrape.
func (l *loop) scrapeExtra(ctx context.Context, v view) {
	for i, r := range v.extraRequests() {
		if r.url == "" || !l.extraIsDue(&l.extra[i], r.interval, slowly(v.source.Resolution)) {
			continue
		}
		err := l.requestExtra(ctx, v, r)
		if ctx.Err() != nil {
			return
		}
		l.reportExtra(ctx, v.target, r, &l.extra[i], err)
	}
}

// requestExtra waits for a response no longer than there is time before the next scrape.
func (l *loop) requestExtra(ctx context.Context, v view, r extraRequest) error {
	q := v.ask(r.url)
	wait, _ := l.nextScrape()
	q.timeout = min(q.timeout, wait-secondLook)
	decoder := Stateless(func(ctx context.Context, body []byte) (sample.Node, error) {
		return l.manager.decodeExtra(ctx, r.from, body)
	})
	return l.manager.askSample(ctx, q, decoder, func(n *sample.Node, _ time.Time) error {
		l.manager.metrics.reject(l.manager.sink.PutExtra(l.identity(v.target), r.from, n, r.keep))
		return nil
	})
}

// extraIsDue is true where it is time for a request, and counts it as sent. A scrape that comes out of turn goes first. What rounding takes
// from an interval is no reason to wait longer.
func (l *loop) extraIsDue(s *extraStatus, interval, slow time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.unsupported {
		interval = max(interval, slow)
	}
	if l.status.again || !s.sent.IsZero() && time.Since(s.sent) < interval-secondLook {
		return false
	}
	s.sent = time.Now()
	return true
}

// reportExtra logs a cause once, when it appears.
func (l *loop) reportExtra(ctx context.Context, t target.Target, r extraRequest, s *extraStatus, err error) {
	cause := causeOf(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	resources := l.manager.extra.CheapestFrom(r.from).String()
	if cause.Code != "" && cause.Code != s.code && l.reports.isNew("extra resources "+resources+" "+cause.Code) {
		klog.FromContext(ctx).Info("Kubelet does not report extra resources, so they are not served",
			"node", t.Node, "resources", resources, "cause", cause.Code, "explanation", cause.Text, "err", err)
	}
	s.code, s.unsupported = cause.Code, isUnsupported(err)
}

// isUnsupported is true for an error that the next request is likely to end with too.
func isUnsupported(err error) bool {
	return errors.Is(err, decode.ErrNoExtra) || hasNoEndpoint(err) || statusOf(err)/100 == http.StatusBadRequest/100
}
