package engine

import (
	"fmt"

	"github.com/plimsoll/plimsoll/pkg/progress"
)

// Message returns why the newest poll of a node brought nothing, in one sentence without a full stop; empty where it did. It names no address.
func (c *Collector) Message(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.nodes[name]; n != nil {
		return n.message()
	}
	return fmt.Sprintf("usage of node %q is not read: it is unknown, or no source selects it", name)
}

// Details returns what Message leaves out, for people who may read nodes.
func (c *Collector) Details(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.nodes[name]; n != nil {
		return n.details
	}
	return ""
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
	p := progress.New(0)
	for name, n := range c.nodes {
		if !counted(name) {
			continue
		}
		p.Nodes++
		switch {
		case n.reason.Code != "":
			p.Settled++
			p.Fail(1, n.reason.Code, n.reason.Message)
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
