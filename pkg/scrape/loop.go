package scrape

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/schedule"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// loop looks at one node for as long as the node exists.
type loop struct {
	manager *Manager
	// entry is the loop's place in the scheduler.
	entry schedule.Entry
	// conn is the connection to the kubelet, and decoder, which belongs to a source, reads its responses. sentAt is when the request was sent
	// of which the response was put last. All belong to the run that is under way.
	conn      kubelet.Conn
	sentAt    time.Time
	decoder   Decoder
	decoderOf int
	// reports is what was logged of the node.
	reports *reports
	// gone is set once the node is removed or refused: nothing is put any more, also where a scrape is under way.
	gone atomic.Bool

	// mu guards what follows. It may be held while a method of entry is called.
	mu       sync.Mutex
	target   target.Target
	timing   timing
	status   status
	extra    [extraEndpoints]extraStatus
	fallback fallback
	// failing is true where the newest look failed, as the outage counts it.
	failing bool
	// unscraped is true until a scrape of the node has ended, as the manager counts it.
	unscraped bool
	// bare are the URLs that are asked without their query, and for how long; nil where none is.
	bare map[string]fallback
}

// Run implements schedule.Task: it scrapes the node once.
func (l *loop) Run(ctx context.Context, w schedule.Worker) (next time.Duration, urgent bool) {
	l.conn.Worker = w
	l.look(ctx)
	return l.nextScrape()
}

// Close implements schedule.Task: it closes the connection to the kubelet.
func (l *loop) Close() { l.conn.Close() }

// nextScrape returns after how long the next scrape is due, and whether that is urgent: it comes out of turn, for usage that is waited for.
func (l *loop) nextScrape() (wait time.Duration, urgent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	failures := l.status.failures
	if l.manager.outage.isOn() {
		failures = 0
	}
	wait = l.timing.next(time.Now(), failures)
	if l.status.again {
		wait = min(wait, time.Until(l.status.ripe))
	}
	return wait, l.status.again
}

// aim changes where the loop looks. A node that moved, was born again or became ready is looked at once.
func (l *loop) aim(t target.Target) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old := l.target
	l.target = t
	l.timing = newTiming(t.Node, l.manager.sources[t.Source].Resolution)
	moved := old.URL != t.URL || old.Addresses != t.Addresses || old.UID != t.UID || old.Source != t.Source
	recovered := l.status.failures > 0 && t.Ready && !old.Ready
	if !moved && !recovered {
		return
	}
	l.status.successes, l.status.failures, l.status.ratesRefused = 0, 0, false
	l.setUnscraped(true)
	l.extra, l.fallback, l.bare = [extraEndpoints]extraStatus{}, fallback{}, nil
	if old.UID != t.UID {
		l.decoder = nil // What it remembers is of another kubelet. A look that goes on has it still.
	}
	l.entry.Expedite(0)
}

// aimedAt is what to look at now.
func (l *loop) aimedAt() view {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := view{
		target: l.target, aimed: l.target, source: l.manager.sources[l.target.Source],
		conn: &l.conn, fallback: l.fallback, second: l.status.again, lastStatus: l.status.code,
	}
	if l.decoder == nil || l.decoderOf != l.target.Source {
		l.decoder, l.decoderOf = v.source.NewDecoder(), l.target.Source
	}
	v.decoder = l.decoder
	l.conn.Addresses = l.target.Addresses
	if l.target.SummaryURL != "" && !l.fallback.over() {
		v = v.throughSummary(l.manager)
	}
	return v
}

// look fetches, decodes and puts once.
func (l *loop) look(ctx context.Context) {
	begin := time.Now()
	v, summary, err := l.scrape(ctx, l.aimedAt())
	if ctx.Err() != nil {
		return
	}
	l.manager.metrics.observe(time.Since(begin), causeOf(err), summary.Rejected)
	l.reportScrape(time.Since(begin), err == nil)
	if err != nil {
		l.manager.sink.Fail(v.target.Node)
		l.failed(ctx, v.target, err)
		return
	}
	if v.second && summary.Rateless > 0 {
		summary.Rateless = l.askRates(ctx, v, summary.Rateless)
	}
	if endsOutage := l.succeeded(ctx, summary, v, l.sentAt); endsOutage {
		l.manager.wake(v.source.Resolution)
	}
	l.scrapeExtra(ctx, v)
}

// reportScrape informs the observer, unless the node has been removed.
func (l *loop) reportScrape(took time.Duration, succeeded bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o := l.manager.observer; o != nil && !l.gone.Load() {
		o.Scraped(l.target.Node, took, succeeded)
	}
}

// put asks the node at its URL and puts what it answers.
func (l *loop) put(ctx context.Context, v view) (summary store.Summary, err error) {
	t := v.target
	err = l.manager.askSample(ctx, v.ask(t.URL), v.decoder, func(n *sample.Node, sentAt time.Time) error {
		l.sentAt = sentAt
		if !namesContainers(n) && l.manager.pods.Running(t.Node) {
			summary.Rejected = n.Rejected
			return errNoContainers
		}
		if l.gone.Load() {
			return context.Canceled // A decoder does not see that the scrape was cancelled.
		}
		summary = l.manager.sink.Put(l.identity(t), n)
		l.manager.reportClock(ctx, summary.Behind)
		return nil
	})
	return summary, err
}

func (l *loop) identity(t target.Target) store.Identity {
	return store.Identity{Name: t.Node, UID: t.UID, Boot: t.Boot, CPU: t.CPU, Memory: t.Memory, Swap: t.Swap, Gone: &l.gone}
}

// namesContainers is true for an answer that names a container, also where none of them is one that its pod has.
func namesContainers(n *sample.Node) bool {
	if n.Unexpected > 0 {
		return true
	}
	for i := range n.Pods {
		if len(n.Pods[i].Containers) > 0 {
			return true
		}
	}
	return false
}
