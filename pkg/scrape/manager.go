package scrape

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/schedule"
	"github.com/plimsoll/plimsoll/pkg/store"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// Sink takes what the loops bring.
type Sink interface {
	// Put takes one node's answer and keeps nothing of it but strings.
	Put(store.Identity, *sample.Node) store.Summary
	// Suggest gives the kubelet's own rates to what lacked nothing else in the newest look, and returns how many still lack one.
	Suggest(store.Identity, *sample.Node) int
	// Resolve makes answers of what the newest look at a node brought of pods that were not known then.
	Resolve(store.Identity) store.Summary
	// PutExtra takes the extra resources that one endpoint of a node's kubelet reported, to be served for as long as keep, and returns what it
	// rejected.
	PutExtra(id store.Identity, from sample.Endpoint, n *sample.Node, keep time.Duration) sample.Rejections
	// Fail tells that a look at the node failed.
	Fail(node string)
	// Delete forgets the node.
	Delete(node string)
}

// Pods knows what runs where.
type Pods interface {
	// Running is true where a pod that runs is bound to the node.
	Running(node string) bool
}

// Observer is informed of scrapes. Its methods must not block.
type Observer interface {
	// Scraped reports that a scrape of a node has ended now, and how long it took from the request to the store.
	Scraped(node string, took time.Duration, succeeded bool)
	// Removed reports that a node is scraped no more. No scrape of it is reported after that, unless it is set again.
	Removed(node string)
}

// Config is what a Manager works with. Every field is needed, unless it says otherwise.
type Config struct {
	// Sources are the ways to ask kubelets. A target names its own by the index.
	Sources []Source
	// DecodeSummary makes a sample of what a target's SummaryURL answers. It must bear any input.
	DecodeSummary func(context.Context, []byte) (sample.Node, error)
	// Extra are the extra resources that are served, and DecodeExtra makes a sample of a response to a request for those of one endpoint. It
	// must bear any input.
	Extra       sample.ResourceSet
	DecodeExtra func(ctx context.Context, from sample.Endpoint, body []byte) (sample.Node, error)
	Pods        Pods
	// PodsKnown is closed once Pods knows what runs; nil where it always did.
	PodsKnown <-chan struct{}
	Sink      Sink
	Metrics   *Metrics
	// Observer is informed of scrapes; nil for none.
	Observer Observer
}

// Source is one way to ask kubelets. Every field is needed.
type Source struct {
	// Client sends requests to the kubelets.
	Client *kubelet.Client
	// Timeout bounds one look, Resolution is the time between two looks at a node.
	Timeout, Resolution time.Duration
	// NewDecoder returns a decoder of what a target's URL answers, for one node.
	NewDecoder func() Decoder
}

// Manager runs a loop for every node that it was told of. It is safe for concurrent use.
type Manager struct {
	sources     []Source
	summary     Decoder
	extra       sample.ResourceSet
	decodeExtra func(context.Context, sample.Endpoint, []byte) (sample.Node, error)
	pods        Pods
	known       <-chan struct{}
	sink        Sink
	metrics     *Metrics
	observer    Observer

	// samples are those that nobody uses at the moment, for the memory of their slices.
	samples sync.Pool

	scheduler *schedule.Scheduler
	// outage counts the nodes that fail.
	outage outage
	// unscraped counts the nodes whose initial scrape is awaited.
	unscraped unscraped
	// clockBehind is true where the log says that the server's own clock is behind those of most nodes, and clockReports when it was logged.
	clockBehind  atomic.Bool
	clockReports reports
	// caughtUp is true once what came before pods were known has found its readers.
	caughtUp atomic.Bool

	// mu guards what follows.
	mu    sync.Mutex
	loops map[string]*loop
	// refused are the nodes that cannot be looked at.
	refused map[string]refusal
}

// NewManager returns a manager without nodes.
func NewManager(c Config) *Manager {
	m := &Manager{
		sources:     c.Sources,
		summary:     Stateless(c.DecodeSummary),
		extra:       c.Extra,
		decodeExtra: c.DecodeExtra,
		pods:        c.Pods,
		known:       c.PodsKnown,
		sink:        c.Sink,
		metrics:     c.Metrics,
		observer:    c.Observer,
		samples:     sync.Pool{New: func() any { return new(sample.Node) }},
		scheduler:   schedule.New(),
		loops:       map[string]*loop{},
		refused:     map[string]refusal{},
	}
	m.caughtUp.Store(c.PodsKnown == nil)
	return m
}

// Start runs the loops, of nodes told before and after, until ctx is done and all have ended.
func (m *Manager) Start(ctx context.Context) error {
	var background sync.WaitGroup
	background.Go(func() { m.catchUp(ctx) })
	defer background.Wait()
	return m.scheduler.Start(ctx)
}

func (m *Manager) all() []*loop {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.loops))
}

// Set has a node looked at, or looked at elsewhere.
func (m *Manager) Set(t target.Target) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if l := m.loops[t.Node]; l != nil {
		l.aim(t)
		return
	}
	m.loops[t.Node] = m.newLoop(t, m.refused[t.Node].reports)
	delete(m.refused, t.Node)
}

// newLoop makes the loop of a node, with what was logged of it while it was refused; nil where it was not.
func (m *Manager) newLoop(t target.Target, logged *reports) *loop {
	m.outage.nodes.Add(1)
	m.unscraped.add(1)
	if logged == nil {
		logged = &reports{}
	}
	l := &loop{manager: m, unscraped: true, reports: logged, target: t, timing: newTiming(t.Node, m.sources[t.Source].Resolution)}
	l.conn.OnUnrequestedBytes = l.countUnrequested
	l.entry = m.scheduler.Add(l, l.timing.first())
	return l
}

// Refuse tells that a node exists that cannot be looked at, and why. Its numbers are left to grow old: the next change of
// the node may bring it back. Calls about one node come one at a time, as those of Set and Remove do.
func (m *Manager) Refuse(node string, why error) {
	before := m.stop(node)
	if (before.why == nil || before.why.Error() != why.Error()) && before.reports.isNew(noAddress) {
		klog.Background().Info("Node cannot be scraped", "node", node, "cause", noAddress, "err", why)
	}
	m.sink.Fail(node)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused[node] = refusal{why, before.reports}
}

// Remove ends the loop of a node and has its numbers forgotten. It does not wait for a scrape of the node that is under way: that is cancelled,
// and when Remove has returned it can put nothing for the node any more, also where the node is set again.
func (m *Manager) Remove(node string) {
	_ = m.stop(node) // What was logged of the node goes with it.
	m.sink.Delete(node)
}

// refusal is why a node cannot be scraped, and what was logged of it.
type refusal struct {
	why     error
	reports *reports
}

// stop takes a node out, and has its loop end. It returns why the node was refused, nil if it was not, and what was logged of it.
func (m *Manager) stop(node string) refusal {
	m.mu.Lock()
	l, before := m.loops[node], m.refused[node]
	delete(m.loops, node)
	delete(m.refused, node)
	m.mu.Unlock()
	if before.reports == nil {
		before.reports = &reports{}
	}
	if l != nil {
		before.reports = l.reports
		l.gone.Store(true)
		l.uncount()
		l.entry.Remove()
	}
	return before
}
