package scrape

import (
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/pkg/progress"
)

// Cause returns why a node was not scraped the last time, in one sentence without a full stop; empty where it was.
func (m *Manager) Cause(node string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, refused := m.refused[node]; refused {
		return r.why.Error()
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
		text := fmt.Sprintf("scrapes of node %q have failed for %s: %s", l.target.Node, age, l.status.cause.Text)
		if l.status.tried != "" {
			text += "; addresses tried: " + l.status.tried
		}
		return text
	case l.status.successes == 0:
		return fmt.Sprintf("node %q has not been scraped yet", l.target.Node)
	default:
		return ""
	}
}

// noAddress is the code of the cause of nodes that are refused.
const noAddress = "no_address"

// Progress counts the nodes as they are now.
func (m *Manager) Progress() progress.Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := progress.New(len(m.loops) + len(m.refused))
	p.Settled = len(m.refused)
	for _, r := range m.refused {
		p.Fail(1, noAddress, r.why.Error())
	}
	for _, l := range m.loops {
		l.mu.Lock()
		count(&p, &l.status, m.caughtUp.Load())
		if l.fallback.on() {
			p.ThroughSummary++
		}
		if cause := l.status.cause; cause.Code != "" {
			p.Fail(1, cause.Code, cause.Text)
		}
		l.mu.Unlock()
	}
	return p
}

// count takes one node into account.
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
