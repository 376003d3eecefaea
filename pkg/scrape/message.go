package scrape

import (
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/reason"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// Message returns why the latest scrape of a node failed, in one sentence without a full stop; empty where it succeeded. It names no address:
// people read it who may not read nodes.
func (m *Manager) Message(node string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, refused := m.refused[node]; refused {
		return r.message()
	}
	if n := m.nodes[node]; n != nil {
		return n.message()
	}
	return fmt.Sprintf("node %q is not scraped: it is unknown, or no source selects it", node)
}

// Details returns what Message leaves out, for people who may read nodes; empty where it leaves out nothing.
func (m *Manager) Details(node string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, refused := m.refused[node]; refused && r.message() != r.err.Error() {
		return r.err.Error()
	}
	if n := m.nodes[node]; n != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.status.addresses != "" {
			return "addresses tried: " + n.status.addresses
		}
	}
	return ""
}

// FailureCode is the code of the reason why the latest scrape of a node failed, or why the node cannot be scraped; empty where neither is so.
func (m *Manager) FailureCode(node string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, refused := m.refused[node]; refused {
		return r.code()
	}
	if n := m.nodes[node]; n != nil {
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.status.reason.Code
	}
	return ""
}

// code is why the node is refused, for a metric.
func (r refusal) code() string {
	if errors.Is(r.err, target.ErrPort) {
		return reason.RefusedPort
	}
	return reason.NoAddress
}

// message is why the node is refused, without its address.
func (r refusal) message() string {
	if of := reason.Of(r.err); of.Code == reason.RefusedAddress {
		return of.Message
	}
	return r.err.Error()
}

// noAddress is the summary of an error that names its node.
const noAddress = "the status of a node has no address, or no port, at which it may be scraped: the log names the node"

// summary is message without the name of the node.
func (r refusal) summary() string {
	if message := r.message(); message != r.err.Error() {
		return message
	}
	return noAddress
}

func (n *nodeScraper) message() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch s := &n.status; {
	case s.reason.Code != "":
		return fmt.Sprintf("scrapes of node %q have failed for %s: %s", n.target.Node, time.Since(s.since).Round(time.Second), s.reason.Message)
	case s.successes == 0:
		return fmt.Sprintf("node %q has not been scraped yet", n.target.Node)
	}
	return ""
}

// Progress counts the nodes as they are now. Its message names none of them: clients read it who may know of no node.
func (m *Manager) Progress() progress.Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := progress.New(len(m.nodes) + len(m.refused))
	p.Settled = len(m.refused)
	for _, r := range m.refused {
		p.Fail(1, r.code(), r.summary())
	}
	for _, n := range m.nodes {
		n.mu.Lock()
		count(&p, &n.status, m.caughtUp.Load())
		if r := n.status.reason; r.Code != "" {
			p.Fail(1, r.Code, r.Message)
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
