package scrape

import (
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/excerpt"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// Status returns how the scrapes of a node go.
func (m *Manager) Status(node string) progress.Node {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, refused := m.refused[node]; refused {
		text := excerpt.Of(r.err.Error())
		return progress.Node{Cause: r.cause(), Message: r.cause().Message(), Details: text, Error: text}
	}
	if n := m.nodes[node]; n != nil {
		return n.progress()
	}
	return progress.Unknown(node)
}

// Failure is why the latest scrape of a node failed, or why the node cannot be scraped; cause.None where neither is so.
func (m *Manager) Failure(node string) cause.Cause {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, refused := m.refused[node]; refused {
		return r.cause()
	}
	if n := m.nodes[node]; n != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.status.cause
	}
	return cause.None
}

// cause is why the node is refused.
func (r refusal) cause() cause.Cause {
	switch of := reason.Of(r.err); {
	case errors.Is(r.err, target.ErrPort):
		return cause.NodeRefusedPort
	case of == cause.NodeRefusedAddress:
		return of
	}
	return cause.NodeNoAddress
}

func (n *nodeScraper) progress() progress.Node {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, source := &n.status, &n.manager.config.Sources[n.target.Source]
	p := progress.Node{
		Source: source.Name, Address: n.target.Address(), Cause: s.cause, Error: s.err, LastSuccess: n.lastSuccess, Next: n.due, Rejected: n.rejected,
	}
	switch {
	case s.cause != cause.None:
		p.FailingSince = s.since
		p.Message = fmt.Sprintf("scrapes of %s have failed for %s: %s", progress.Subject(n.name), time.Since(s.since).Round(time.Second), s.cause.Message())
		if s.addresses != "" {
			p.Details = "addresses tried: " + s.addresses
		}
	case s.successes == 0:
		p.Cause = cause.NodeNotScraped
		p.Message = p.Cause.About(progress.Subject(n.name))
	}
	return p
}

// Progress counts the nodes as they are now. Its message names none of them: clients read it who may know of no node.
func (m *Manager) Progress() progress.Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := progress.New(len(m.nodes) + len(m.refused))
	p.Settled = len(m.refused)
	for _, r := range m.refused {
		p.Failing[r.cause()]++
	}
	for _, n := range m.nodes {
		n.mu.Lock()
		settled := p.Settled
		if count(&p, &n.status, m.caughtUp.Load()); p.Settled == settled {
			p.Await(n.due)
		}
		if failed := n.status.cause; failed != cause.None {
			p.Failing[failed]++
		}
		n.mu.Unlock()
	}
	return p
}

// ThroughSummary counts the nodes that are read through /stats/summary although their source names the other endpoint.
func (m *Manager) ThroughSummary() (nodes int) {
	for _, n := range m.all() {
		n.mu.Lock()
		if n.fallback.way.summary {
			nodes++
		}
		n.mu.Unlock()
	}
	return nodes
}

// count adds the status of one node.
func count(p *progress.Counts, s *status, podsKnown bool) {
	switch {
	case s.failures > 0 && s.settled, s.settled && podsKnown:
		p.Settled++
	case s.successes == 0:
		p.NotScraped++
	case !podsKnown:
		p.PodsUnknown++
	default:
		p.WithoutRate++
	}
}
