package scrape

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/klog/v2"

	"github.com/plimsoll/plimsoll/pkg/loglimit"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/schedule"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// Manager scrapes the nodes of one cluster. It is safe for concurrent use, but calls of Set, Refuse and Remove for one node must come one
// after the other.
type Manager struct {
	config Config
	// details receives the details that the full summary has; nil where no sink needs them.
	details Details
	// samples are those that no scrape uses at the moment, for the memory of their slices.
	samples   sync.Pool
	scheduler *schedule.Scheduler
	outage    outage
	// unscraped counts the nodes whose initial scrape has not ended.
	unscraped progress.Pending
	// logged is what was logged of the server's own clock.
	logged loglimit.Limiter
	// caughtUp is true once the store has published what came before the pods were known.
	caughtUp atomic.Bool

	// mu guards what follows.
	mu sync.Mutex
	// logger is that of the context of Start; nil before.
	logger *klog.Logger
	nodes  map[string]*nodeScraper
	// refused are the nodes that cannot be scraped.
	refused map[string]refusal
}

// refusal is why a node cannot be scraped, and what was logged of the node.
type refusal struct {
	err    error
	logged *loglimit.Limiter
}

// NewManager returns a manager without nodes.
func NewManager(c Config) *Manager {
	m := &Manager{
		config:    c,
		samples:   sync.Pool{New: func() any { return new(sample.Node) }},
		scheduler: schedule.New(),
		nodes:     map[string]*nodeScraper{},
		refused:   map[string]refusal{},
	}
	m.caughtUp.Store(c.PodsKnown == nil)
	return m
}

// SendDetails has the details of the full summary be requested, with the extra resources of that endpoint and once the pods are known. It is called
// before a node is set.
func (m *Manager) SendDetails(to Details) { m.details = to }

// Start scrapes the nodes that were set before and are set after, until ctx is done and all scrapes have ended.
func (m *Manager) Start(ctx context.Context) error {
	m.startLogging(klog.FromContext(ctx))
	var background sync.WaitGroup
	background.Go(func() { m.catchUp(ctx) })
	defer background.Wait()
	return m.scheduler.Start(ctx)
}

// startLogging logs what was refused before Start, whose context has the cluster's logger.
func (m *Manager) startLogging(logger klog.Logger) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.logger = &logger
	for node, r := range m.refused {
		m.logRefusal(node, r, false)
	}
}

// logRefusal logs a refusal, or that its text has changed, unless that was logged a short while ago. The caller holds mu.
func (m *Manager) logRefusal(node string, r refusal, changed bool) {
	if m.logger != nil && (r.logged.Set(scraping, r.cause().Label()) || changed && r.logged.IsNew("refusal")) {
		m.logger.Info("Node cannot be scraped", "node", node, "reason", r.cause().Label(), "err", r.err)
	}
}

func (m *Manager) all() []*nodeScraper {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.nodes))
}

// Set adds a node, or changes its target.
func (m *Manager) Set(t target.Target) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if n := m.nodes[t.Node]; n != nil {
		n.setTarget(t)
		return
	}
	m.nodes[t.Node] = m.newNode(t, m.refused[t.Node].logged)
	delete(m.refused, t.Node)
}

// newNode makes the scraper of a node, with what was logged of the node while it was refused; nil where it was not.
func (m *Manager) newNode(t target.Target, logged *loglimit.Limiter) *nodeScraper {
	m.outage.nodes.Add(1)
	m.unscraped.Add(1)
	n := &nodeScraper{manager: m, name: t.Node, logged: cmp.Or(logged, &loglimit.Limiter{}), unscraped: true, target: t, timing: newTiming(t.Node, m.config.Sources[t.Source].Resolution)}
	n.due = time.Now().Add(n.timing.initialDelay())
	n.conn.OnUnrequestedBytes = n.reportUnrequestedBytes
	n.entry = m.scheduler.Add(n, n.timing.initialDelay())
	return n
}

// Refuse reports that a node exists that cannot be scraped, and why. Its usage is left to expire: the next change of the node may make it
// scrapable again.
func (m *Manager) Refuse(node string, err error) {
	before := m.stop(node)
	m.config.Store.Fail(node)
	r := refusal{err, before.logged}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refused[node] = r
	m.logRefusal(node, r, before.err != nil && before.err.Error() != err.Error())
}

// Remove takes a node out and has the store forget its usage. It does not wait for a scrape that is under way: that is cancelled, and puts nothing
// once Remove has returned, not even where the node is set again.
func (m *Manager) Remove(node string) {
	_ = m.stop(node) // What was logged of the node goes with it.
	m.config.Store.Delete(node)
}

// Release takes a node out as Remove does, and leaves its usage to another collector of the same store.
func (m *Manager) Release(node string) { _ = m.stop(node) }

// stop takes a node out. It returns why the node was refused, if it was, and what was logged of it.
func (m *Manager) stop(node string) refusal {
	m.mu.Lock()
	n, before := m.nodes[node], m.refused[node]
	delete(m.nodes, node)
	delete(m.refused, node)
	m.mu.Unlock()
	before.logged = cmp.Or(before.logged, &loglimit.Limiter{})
	if n != nil {
		before.logged = n.logged
		n.remove()
		n.entry.Remove()
	}
	return before
}
