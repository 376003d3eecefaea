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
)

const (
	// slowScrapes and slowInterval say how much less often than the node is scraped the full summary is requested, in scrapes and in time: for
	// it a kubelet walks the directories of all logs. Extra resources that a kubelet does not have are requested no more often either. Where a sink needs
	// details, only the time counts.
	slowScrapes  = 4
	slowInterval = time.Minute
	// extraEndpoints is to how many endpoints requests for extra resources go.
	extraEndpoints = 2
)

// extraRequest is a request for extra resources that the endpoint of the scrape does not have.
type extraRequest struct {
	from sample.Endpoint
	url  string
	// interval is the time from one request to the next.
	interval time.Duration
}

// extraRequests are those of one scrape. The short summary costs a kubelet no more than the scrape does, and holds averages over ten
// seconds, so it is requested with each scrape.
func (n *nodeScraper) extraRequests(a attempt) [extraEndpoints]extraRequest {
	resolution, slow := a.source.Resolution, a.slowInterval()
	if n.manager.details != nil {
		slow = max(resolution, slowInterval) // Dashboards of sinks draw a point a minute.
	}
	return [...]extraRequest{
		{sample.Summary, a.target.ExtraSummaryURL, resolution},
		{sample.FullSummary, a.target.FullSummaryURL, slow},
	}
}

func (a attempt) slowInterval() time.Duration {
	return max(slowScrapes*a.source.Resolution, slowInterval)
}

// scrapeExtra requests the extra resources that are due. A failure costs nothing but them: it does not delay the next scrape.
func (n *nodeScraper) scrapeExtra(ctx context.Context, a attempt) {
	for i, r := range n.extraRequests(a) {
		if r.url == "" || !n.isExtraDue(i) || n.manager.wantsDetails(r.from) && !n.manager.caughtUp.Load() {
			continue
		}
		sentAt := time.Now()
		err := n.requestExtra(ctx, a, r)
		if ctx.Err() != nil {
			return
		}
		if isUnsupported(err) {
			r.interval = a.slowInterval()
		}
		n.setExtraDue(a, i, sentAt.Add(r.interval-followUpDelay)) // What rounding takes from an interval is no reason to wait longer.
		n.logExtra(ctx, r, err)
	}
}

// isExtraDue is true where it is time for a request to an endpoint. A follow-up goes first.
func (n *nodeScraper) isExtraDue(endpoint int) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.status.followUp && !time.Now().Before(n.extraDue[endpoint])
}

// setExtraDue keeps when the next request to an endpoint is due, unless the target has changed since the attempt began.
func (n *nodeScraper) setExtraDue(a attempt, endpoint int, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.target == a.original {
		n.extraDue[endpoint] = at
	}
}

// requestExtra waits for a response no longer than there is time before the next scrape.
func (n *nodeScraper) requestExtra(ctx context.Context, a attempt, r extraRequest) error {
	wait, _ := n.nextScrape()
	a.source.Timeout = min(a.source.Timeout, wait-followUpDelay)
	put := func(s *sample.Node, _ time.Time) error {
		n.putExtra(a, r, s)
		return nil
	}
	err := n.getSample(ctx, a, r.url, n.manager.config.ExtraDecoder(r.from), put)
	if errors.Is(err, decode.ErrNoExtra) {
		_ = put(&sample.Node{}, time.Time{}) // It has none any more.
	}
	return err
}

// putExtra passes on what a request has brought.
func (n *nodeScraper) putExtra(a attempt, r extraRequest, s *sample.Node) {
	config, rejected := &n.manager.config, s.Rejected
	if config.Extra.CheapestFrom(r.from) != 0 {
		rejected = config.Store.PutExtra(n.identity(a.target), r.from, s, r.interval)
	}
	n.reject(rejected)
	if n.manager.wantsDetails(r.from) && !n.removed.Load() {
		n.manager.details.PutDetails(a.target.Node, s)
	}
}

// wantsDetails is true for the endpoint whose responses have the details, where a sink needs them.
func (m *Manager) wantsDetails(from sample.Endpoint) bool {
	return m.details != nil && from == sample.FullSummary
}

// logExtra logs the reason of a failure when it appears.
func (n *nodeScraper) logExtra(ctx context.Context, r extraRequest, err error) {
	names := n.manager.config.Extra.CheapestFrom(r.from).Flags()
	if n.manager.wantsDetails(r.from) {
		names = append(names, "details for sinks")
	}
	failure, resources := reason.Of(err), strings.Join(names, ",")
	if n.logged.Set("extra resources "+resources, failure.Label()) && err != nil {
		klog.FromContext(ctx).Info("Kubelet does not report extra resources, so they are neither served nor exported",
			"node", n.name, "resources", resources, "reason", failure.Label(), "message", failure.Message(), "err", err)
	}
}

// isUnsupported is true for an error that the next request is likely to end with too.
func isUnsupported(err error) bool {
	return errors.Is(err, decode.ErrNoExtra) || reason.HasNoEndpoint(err) || reason.Status(err)/100 == http.StatusBadRequest/100
}
