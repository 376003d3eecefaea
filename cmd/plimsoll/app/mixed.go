package app

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/export"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/source"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// mixedCollector collects the usage of one cluster from its kubelets and from engines. A node whose first source is about kubelets is scraped. While its
// scrapes fail, it is read from the first engine that a source names for it. A node whose first source is an engine is read from that engine alone.
type mixedCollector struct {
	// kubelets is a KubeletCollector, and engines an engine.Collector.
	kubelets interface {
		Collector
		detailsCollector
		releaser
		Failure(node string) cause.Cause
	}
	engines interface {
		Collector
		releaser
		Serves(node string) bool
		ProgressOf(counted func(node string) bool) progress.Counts
	}
	rules []mixedRule

	mu     sync.Mutex
	placed map[string]placement
}

// releaser takes a node out whose usage the other collector goes on to bring: unlike Remove it leaves what the store has.
type releaser interface{ Release(node string) }

// mixedRule is which nodes a source is for, in the order of the sources.
type mixedRule struct {
	selector labels.Selector
	isEngine bool
}

// placement is which of the two collectors has a node.
type placement struct{ kubelets, engines bool }

// newMixedCollector makes both collectors of a cluster whose sources are of both kinds.
func newMixedCollector(k *Kubelets, e *Engines, sources []source.Source, access *rest.Config, watched *cluster.Cluster, s *store.Store) (*mixedCollector, error) {
	m := &mixedCollector{placed: map[string]placement{}}
	var ofKubelets, ofEngines []source.Source
	for _, of := range sources {
		isEngine := of.Kind == source.Prometheus
		m.rules = append(m.rules, mixedRule{of.NodeSelector, isEngine})
		if isEngine {
			ofEngines = append(ofEngines, of)
		} else {
			ofKubelets = append(ofKubelets, of)
		}
	}
	var err error
	if m.kubelets, err = k.NewCollector(ofKubelets, access, watched, s); err != nil {
		return nil, err
	}
	m.engines, err = e.NewCollector(ofEngines, watched, s, m.isScraped)
	return m, err
}

// SendDetails implements detailsCollector. An engine has no details.
func (m *mixedCollector) SendDetails(to *export.DetailsQueue) { m.kubelets.SendDetails(to) }

// isScraped is true of a node that the kubelets' collector has, and whose scrapes do not fail: it is not read from an engine.
func (m *mixedCollector) isScraped(node string) bool {
	return m.placement(node).kubelets && m.kubelets.Failure(node) == cause.None
}

// isReplaced is true of a node whose scrapes fail, and which an engine stands in for.
func (m *mixedCollector) isReplaced(node string) bool {
	return m.placement(node) == placement{true, true} && m.kubelets.Failure(node) != cause.None && m.engines.Serves(node)
}

func (m *mixedCollector) placement(node string) placement {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.placed[node]
}

// place keeps where a node is, and returns where it was.
func (m *mixedCollector) place(node string, p placement) (before placement) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before = m.placed[node]
	if p == (placement{}) {
		delete(m.placed, node)
	} else {
		m.placed[node] = p
	}
	return before
}

// Set implements cluster.NodeHandler.
func (m *mixedCollector) Set(n *cluster.Node) {
	selects := func(r mixedRule) bool { return r.selector.Matches(n.Labels) }
	var to placement
	if first := slices.IndexFunc(m.rules, selects); first >= 0 {
		to.kubelets = !m.rules[first].isEngine
		to.engines = slices.ContainsFunc(m.rules, func(r mixedRule) bool { return r.isEngine && selects(r) })
	}
	before := m.place(n.Name, to)
	if before.kubelets && !to.kubelets {
		takeOut(m.kubelets, n.Name, to.engines)
	}
	if before.engines && !to.engines {
		takeOut(m.engines, n.Name, to.kubelets)
	}
	if to.kubelets {
		m.kubelets.Set(n)
	}
	if to.engines {
		m.engines.Set(n)
	}
}

// takeOut takes a node out of a collector, with its usage unless the other collector has the node.
func takeOut(c interface {
	releaser
	cluster.NodeHandler
}, node string, hasOther bool) {
	if hasOther {
		c.Release(node)
	} else {
		c.Remove(node)
	}
}

// Remove implements cluster.NodeHandler.
func (m *mixedCollector) Remove(node string) {
	before := m.place(node, placement{})
	if before.kubelets {
		m.kubelets.Remove(node)
	}
	if before.engines {
		m.engines.Remove(node)
	}
}

// Start implements Collector.
func (m *mixedCollector) Start(ctx context.Context) error {
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return m.kubelets.Start(ctx) })
	both.Go(func() error { return m.engines.Start(ctx) })
	return both.Wait()
}

// AwaitInitial implements Collector.
func (m *mixedCollector) AwaitInitial(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() { m.kubelets.AwaitInitial(ctx) })
	both.Go(func() { m.engines.AwaitInitial(ctx) })
	both.Wait()
}

// Status implements Collector. Of a node that neither serves it says why each of them failed.
func (m *mixedCollector) Status(node string) progress.Node {
	switch at := m.placement(node); {
	case !at.engines, m.isScraped(node):
		return m.kubelets.Status(node)
	case !at.kubelets, m.engines.Serves(node):
		return m.engines.Status(node)
	}
	s, read := m.kubelets.Status(node), m.engines.Status(node)
	s.Message, s.Details, s.Error = both(s.Message, read.Message), both(s.Details, read.Details), both(s.Error, read.Error)
	if read.LastSuccess.After(s.LastSuccess) {
		s.LastSuccess = read.LastSuccess
	}
	s.Rejected.Merge(read.Rejected)
	return s
}

// both are two texts, of which either may be empty.
func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// Progress implements Collector. A node that an engine stands in for does not fail.
func (m *mixedCollector) Progress() progress.Counts {
	p := m.kubelets.Progress()
	m.mu.Lock()
	var replaceable []string
	for node, at := range m.placed {
		if at == (placement{true, true}) {
			replaceable = append(replaceable, node)
		}
	}
	m.mu.Unlock()
	for _, node := range replaceable {
		if m.isReplaced(node) {
			p.Succeed(m.kubelets.Failure(node))
		}
	}
	p.Merge(m.engines.ProgressOf(func(node string) bool { return !m.placement(node).kubelets }))
	return p
}
