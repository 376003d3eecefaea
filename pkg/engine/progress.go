package engine

import (
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/progress"
)

// Status returns how the polls of a node go.
func (c *Collector) Status(name string) progress.Node {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.nodes[name]
	if n == nil {
		return progress.Unknown(name)
	}
	source, now := &c.config.Sources[n.shard.source], time.Now()
	p := progress.Node{
		Source: source.Name, Address: source.Client.Endpoint.String(), Cause: n.cause, Details: n.details, Error: n.details,
		LastSuccess: n.lastSuccess, Next: now.Add(n.shard.wait(now)), Rejected: n.rejected,
	}
	switch {
	case n.cause != cause.None:
		p.FailingSince = n.since
		p.Message = fmt.Sprintf("usage of %s could not be read from the engine for %s: %s", progress.Subject(name), now.Sub(n.since).Round(time.Second), n.cause.Message())
	case !n.succeeded:
		p.Cause = cause.NodeNotRead
		p.Message = p.Cause.About(progress.Subject(name))
	}
	return p
}

// Serves is true where the newest poll brought the node's usage.
func (c *Collector) Serves(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.nodes[name]
	return n != nil && n.succeeded
}

// Serving counts the nodes whose usage the newest poll brought.
func (c *Collector) Serving() (nodes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.nodes {
		nodes += number(n.succeeded)
	}
	return nodes
}

// Progress counts the nodes.
func (c *Collector) Progress() progress.Counts {
	return c.ProgressOf(func(string) bool { return true })
}

// ProgressOf counts the nodes of which a predicate is true.
func (c *Collector) ProgressOf(counted func(node string) bool) progress.Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, now := progress.New(0), time.Now()
	for name, n := range c.nodes {
		if !counted(name) {
			continue
		}
		p.Nodes++
		if n.cause == cause.None && !n.settled {
			p.Await(now.Add(n.shard.wait(now)))
		}
		switch {
		case n.cause != cause.None:
			p.Settled++
			p.Failing[n.cause]++
		case !n.succeeded:
			p.NotScraped++
		case !c.caughtUp.Load():
			p.PodsUnknown++
		case n.settled:
			p.Settled++
		default:
			p.WithoutRate++
		}
	}
	return p
}
