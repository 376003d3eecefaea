package scrape

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Cause returns why a node was not scraped the last time, in one sentence without a full stop; empty where it was.
func (m *Manager) Cause(node string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if why := m.refused[node]; why != nil {
		return why.Error()
	}
	l := m.loops[node]
	if l == nil {
		return fmt.Sprintf("node %q is not scraped: it is unknown, or no source selects it", node)
	}
	return l.cause()
}

func (l *loop) cause() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.status.cause.Code != "":
		age := time.Since(l.status.since).Round(time.Second)
		text := fmt.Sprintf("the kubelet of node %q has failed for %s: %s", l.target.Node, age, l.status.cause.Text)
		if l.status.tried != "" {
			text += "; addresses tried: " + l.status.tried
		}
		return text
	case l.status.successes == 0:
		return fmt.Sprintf("the kubelet of node %q has not been asked yet", l.target.Node)
	default:
		return ""
	}
}

// noAddress is the code of the cause of nodes that are refused.
const noAddress = "no_address"

// Progress is how far the looks at all nodes have come.
type Progress struct {
	// Nodes is how many there are, Settled how many of them have numbers, for all pods that run there, or a known reason why not.
	Nodes, Settled int
	// NotScraped are the nodes of which no scrape has ended yet, OnceScraped those where a second reading is awaited, without which there is no
	// CPU rate, and PodsUnknown those whose readings wait for the list of pods.
	NotScraped, OnceScraped, PodsUnknown int
	// ThroughSummary counts the nodes that are read through their summary although their source reads the other endpoint.
	ThroughSummary int
	// Failing counts the nodes that fail, by the code of the cause.
	Failing map[string]int
	// Why is the explanation of the cause that most of them have; empty where none fails.
	Why string
}

// Progress counts the nodes as they are now.
func (m *Manager) Progress() Progress {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := Progress{Nodes: len(m.loops) + len(m.refused), Settled: len(m.refused), Failing: map[string]int{}}
	if len(m.refused) > 0 {
		p.Failing[noAddress] = len(m.refused)
	}
	for _, why := range m.refused {
		p.Why = why.Error()
	}
	for _, l := range m.loops {
		l.mu.Lock()
		p.count(&l.status, m.caughtUp.Load())
		if l.fallback.on() {
			p.ThroughSummary++
		}
		if cause := l.status.cause; cause.Code != "" {
			p.fails(cause)
		}
		l.mu.Unlock()
	}
	return p
}

// count takes one node into account.
func (p *Progress) count(s *status, podsKnown bool) {
	switch {
	case s.failures > 0 && s.settled, s.settled && podsKnown:
		p.Settled++
	case s.successes == 0:
		p.NotScraped++
	case !podsKnown:
		p.PodsUnknown++
	default:
		p.OnceScraped++
	}
}

func (p *Progress) fails(c Cause) {
	p.Failing[c.Code]++
	for _, n := range p.Failing {
		if n > p.Failing[c.Code] {
			return
		}
	}
	p.Why = c.Text
}

// String is one line for a person: how many nodes are done, what is awaited of the others, and what is wrong with those that fail.
func (p Progress) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d nodes are done", p.Settled, p.Nodes)
	for _, awaited := range []struct {
		nodes int
		what  string
	}{
		{p.NotScraped, "not scraped yet"},
		{p.OnceScraped, "scraped, waiting for a second reading, which a CPU rate needs"},
		{p.PodsUnknown, "scraped, waiting for the list of pods"},
	} {
		if awaited.nodes > 0 {
			fmt.Fprintf(&b, "; %d %s", awaited.nodes, awaited.what)
		}
	}
	for i, code := range slices.Sorted(maps.Keys(p.Failing)) {
		separator := ", "
		if i == 0 {
			separator = "; failing: "
		}
		fmt.Fprintf(&b, "%s%d %s", separator, p.Failing[code], code)
	}
	if p.Why != "" {
		b.WriteString("; " + p.Why)
	}
	return b.String()
}
