package scrape

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/loglimit"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/schedule"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// nodeScraper scrapes one node for as long as the node exists. It implements schedule.Task.
type nodeScraper struct {
	manager *Manager
	name    string
	entry   schedule.Entry
	logged  *loglimit.Limiter
	// conn is the connection to the kubelet. sentAt is when the request was sent whose response was put last. Both belong to the run that is under way.
	conn   kubelet.Conn
	sentAt time.Time
	// removed is set once the node is removed or refused: nothing is put any more, not even by a scrape that is under way.
	removed atomic.Bool

	// mu guards what follows. It may be held while a method of entry is called.
	mu     sync.Mutex
	target target.Target
	// decoder decodes the responses of the target's URL; nil before the first scrape of the target.
	decoder  Decoder
	timing   timing
	status   status
	fallback fallback
	// due is when the next scrape is due, lastSuccess when a scrape last succeeded, and rejected are the readings that were rejected so far.
	due, lastSuccess time.Time
	rejected         sample.Rejections
	// extraDue is when the next request for extra resources to each endpoint is due; zero for at once.
	extraDue [extraEndpoints]time.Time
	// failing is true where the latest scrape failed, unscraped until a scrape has ended, as the manager counts them.
	failing, unscraped bool
}

// Run implements schedule.Task: it scrapes the node once.
func (n *nodeScraper) Run(ctx context.Context, w schedule.Worker) (next time.Duration, urgent bool) {
	n.conn.Worker = w
	n.run(ctx)
	next, urgent = n.nextScrape()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.due = time.Now().Add(next)
	return next, urgent
}

// expedite has the next scrape come after a wait, where it is due later. The caller holds mu.
func (n *nodeScraper) expedite(after time.Duration) {
	if at := time.Now().Add(after); at.Before(n.due) {
		n.due = at
	}
	n.entry.Expedite(after)
}

// Close implements schedule.Task: it closes the connection to the kubelet.
func (n *nodeScraper) Close() { n.conn.Close() }

// nextScrape returns after how long the next scrape is due, and whether that is urgent: it is a follow-up, for usage that is without a rate.
func (n *nodeScraper) nextScrape() (wait time.Duration, urgent bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	failures := n.status.failures
	if n.manager.outage.isOn() {
		failures = 0
	}
	wait = n.timing.next(time.Now(), failures)
	if n.status.followUp {
		wait = min(wait, time.Until(n.status.notBefore))
	}
	return wait, n.status.followUp
}

// setTarget changes the target. A node that moved, was created again or became ready is scraped at once.
func (n *nodeScraper) setTarget(t target.Target) {
	n.mu.Lock()
	defer n.mu.Unlock()
	old := n.target
	n.target = t
	n.timing = newTiming(t.Node, n.manager.config.Sources[t.Source].Resolution)
	moved := old.URL != t.URL || old.Addresses != t.Addresses || old.UID != t.UID || old.Source != t.Source
	becameReady := n.status.failures > 0 && t.Ready && !old.Ready
	if !moved && !becameReady {
		return
	}
	n.status.successes, n.status.failures, n.status.ratesRefused = 0, 0, false
	n.setStates(n.failing, true)
	n.extraDue, n.fallback = [extraEndpoints]time.Time{}, fallback{}
	if old.UID != t.UID || old.Source != t.Source {
		n.decoder = nil // It remembers another kubelet. A scrape that is under way still has it.
	}
	n.expedite(0)
}

// setStates sets whether the latest scrape failed and whether no scrape has ended, and has the manager count that. A node that has been removed is
// not counted. The caller holds mu.
func (n *nodeScraper) setStates(failing, unscraped bool) {
	if n.removed.Load() {
		return
	}
	n.manager.outage.failing.Add(int64(number(failing) - number(n.failing)))
	n.manager.unscraped.Add(number(unscraped) - number(n.unscraped))
	n.failing, n.unscraped = failing, unscraped
}

// number is how many nodes a state of one node counts for.
func number(state bool) int {
	if state {
		return 1
	}
	return 0
}

// remove takes the node out of what the manager counts, and has a scrape that is under way put nothing.
func (n *nodeScraper) remove() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.setStates(false, false)
	n.removed.Store(true)
	n.manager.outage.nodes.Add(-1)
	if r := n.manager.config.Recorder; r != nil {
		r.Removed(n.name)
	}
}

// run scrapes the node and keeps the result.
func (n *nodeScraper) run(ctx context.Context) {
	begin := time.Now()
	a, result, err := n.scrape(ctx, n.newAttempt())
	if ctx.Err() != nil {
		return
	}
	n.manager.config.Metrics.observe(time.Since(begin), reason.Of(err))
	n.reject(result.Rejected)
	n.reportScrape(time.Since(begin), err == nil)
	if err != nil {
		n.manager.config.Store.Fail(a.target.Node)
		n.failed(ctx, a.target, err)
		return
	}
	if a.before.followUp && result.WithoutRate > 0 {
		result.WithoutRate = n.requestKubeletRates(ctx, a, result.WithoutRate)
	}
	if endsOutage := n.succeeded(ctx, result, a); endsOutage {
		n.manager.expediteFailing(a.source.Resolution)
	}
	n.scrapeExtra(ctx, a)
}

// reject counts readings that were rejected.
func (n *nodeScraper) reject(rejected sample.Rejections) {
	n.manager.config.Metrics.Reject(rejected)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.rejected.Merge(rejected)
}

// reportScrape informs the recorder, unless the node has been removed.
func (n *nodeScraper) reportScrape(took time.Duration, succeeded bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if r := n.manager.config.Recorder; r != nil && !n.removed.Load() {
		r.Scraped(n.name, took, succeeded)
	}
}

// put requests the target's URL and puts the sample of the response.
func (n *nodeScraper) put(ctx context.Context, a attempt) (result store.PutResult, err error) {
	t := a.target
	err = n.getSample(ctx, a, t.URL, a.decoder, func(s *sample.Node, sentAt time.Time) error {
		n.sentAt = sentAt
		if !s.NamesContainers() && n.manager.config.Pods.Running(t.Node) {
			result.Rejected = s.Rejected
			return reason.ErrNoContainers
		}
		if n.removed.Load() {
			return context.Canceled // A decoder does not see that the scrape was cancelled.
		}
		n.reportUnusual(ctx, s)
		result = n.manager.config.Store.Put(n.identity(t), s)
		n.manager.logClock(ctx, result.Behind)
		return nil
	})
	return result, err
}

func (n *nodeScraper) identity(t target.Target) store.Identity {
	return store.Identity{Name: t.Node, UID: t.UID, Boot: t.Boot, CPU: t.CPU, Memory: t.Memory, Swap: t.Swap, Gone: &n.removed}
}
