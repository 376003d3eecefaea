package scrape

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/decode"
	"github.com/plimsoll/plimsoll/pkg/reason"
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
func (a attempt) extraRequests() [extraEndpoints]extraRequest {
	every := a.source.Resolution
	slow := slowly(every)
	return [...]extraRequest{
		{sample.Summary, a.target.ExtraSummaryURL, every, every + every/2},
		{sample.FullSummary, a.target.FullSummaryURL, slow, slowKept * slow},
	}
}

func slowly(resolution time.Duration) time.Duration { return max(slowScrapes*resolution, slowInterval) }

// scrapeExtra requests the extra resources that are due. A failure costs nothing but them: it does not delay the next scrape.
func (n *nodeScraper) scrapeExtra(ctx context.Context, a attempt) {
	for i, r := range a.extraRequests() {
		if r.url == "" || !n.isExtraDue(&n.extra[i], r.interval, slowly(a.source.Resolution)) {
			continue
		}
		err := n.requestExtra(ctx, a, r)
		if ctx.Err() != nil {
			return
		}
		n.logExtra(ctx, a.target, r, &n.extra[i], err)
	}
}

// requestExtra waits for a response no longer than there is time before the next scrape.
func (n *nodeScraper) requestExtra(ctx context.Context, a attempt, r extraRequest) error {
	request := a.request(r.url)
	wait, _ := n.nextScrape()
	request.timeout = min(request.timeout, wait-followUpDelay)
	decoder := decode.Stateless(func(ctx context.Context, body []byte) (sample.Node, error) {
		return n.manager.config.DecodeExtra(ctx, r.from, body)
	})
	put := func(s *sample.Node, _ time.Time) error {
		n.manager.config.Metrics.reject(n.manager.config.Sink.PutExtra(n.identity(a.target), r.from, s, r.keep))
		return nil
	}
	err := n.manager.getSample(ctx, request, decoder, put)
	if errors.Is(err, decode.ErrNoExtra) {
		_ = put(&sample.Node{}, time.Time{}) // It has none any more.
	}
	return err
}

// isExtraDue is true where it is time for a request, and counts it as sent. A follow-up goes first. What rounding takes
// from an interval is no reason to wait longer.
func (n *nodeScraper) isExtraDue(s *extraStatus, interval, slow time.Duration) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s.unsupported {
		interval = max(interval, slow)
	}
	if n.status.followUp || !s.sent.IsZero() && time.Since(s.sent) < interval-followUpDelay {
		return false
	}
	s.sent = time.Now()
	return true
}

// logExtra logs the reason of a failure once, when it appears.
func (n *nodeScraper) logExtra(ctx context.Context, t target.Target, r extraRequest, s *extraStatus, err error) {
	failure := reason.Of(err)
	n.mu.Lock()
	defer n.mu.Unlock()
	resources := strings.Join(n.manager.config.Extra.CheapestFrom(r.from).Flags(), ",")
	if failure.Code != "" && failure.Code != s.code && n.logged.IsNew("extra resources "+resources+" "+failure.Code) {
		klog.FromContext(ctx).Info("Kubelet does not report extra resources, so they are not served",
			"node", t.Node, "resources", resources, "reason", failure.Code, "message", failure.Message, "err", err)
	}
	s.code, s.unsupported = failure.Code, isUnsupported(err)
}

// isUnsupported is true for an error that the next request is likely to end with too.
func isUnsupported(err error) bool {
	return errors.Is(err, decode.ErrNoExtra) || reason.HasNoEndpoint(err) || reason.Status(err)/100 == http.StatusBadRequest/100
}
