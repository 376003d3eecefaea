package scenario

import (
	"context"
	"errors"
	"fmt"

	"github.com/plimsoll/plimsoll/cmd/plimsoll/app"
	"github.com/plimsoll/plimsoll/pkg/registry/nodemetrics"
	"github.com/plimsoll/plimsoll/pkg/registry/podmetrics"
	"github.com/plimsoll/plimsoll/pkg/target"
)

// commandedTargets is between the node watch and the scraper, and keeps the targets of the nodes until the scenario commands the next scrape.
type commandedTargets struct {
	app.TargetHandler
	nodes map[string]target.Target
	// scraped are the nodes that the scraper knows.
	scraped map[string]bool
	// commands is how many scrapes were commanded.
	commands int
	// further has the additional requests of the next scrape, by node.
	further map[string]further
}

func newCommandedTargets(scraper app.TargetHandler) *commandedTargets {
	return &commandedTargets{
		TargetHandler: scraper, nodes: map[string]target.Target{}, scraped: map[string]bool{}, further: map[string]further{},
	}
}

// further has the additional requests for which the kubelet has a response at the next scrape.
type further struct{ summary, pressure, disks bool }

// Set implements app.TargetHandler.
func (c *commandedTargets) Set(t target.Target) { c.nodes[t.Node] = t }

// Remove implements app.TargetHandler.
func (c *commandedTargets) Remove(name string) {
	delete(c.nodes, name)
	delete(c.scraped, name)
	c.TargetHandler.Remove(name)
}

// scrape has the node scraped once: a node that has moved is scraped at once, so each scrape is at another URL. After the first scrape of a cold start
// the scraper repeats it by itself.
func (c *commandedTargets) scrape(node string, first bool) error {
	to, ok := c.nodes[node]
	if !ok {
		return fmt.Errorf("there is no node %s", node)
	}
	more := c.further[node]
	delete(c.further, node)
	if !first && !more.summary {
		// Without it the scraper makes no follow-up, and does not fall back.
		to.SummaryURL = ""
	}
	if !more.pressure {
		to.ExtraSummaryURL = ""
	}
	if !more.disks {
		to.FullSummaryURL = ""
	}
	if !c.scraped[node] {
		c.scraped[node] = true
		c.TargetHandler.Set(to)
	}
	c.commands++
	to.URL += fmt.Sprintf("#%d", c.commands)
	c.TargetHandler.Set(to)
	return nil
}

// readyNodes and readyPods have the messages of the product. A scenario decides when it sends a request, and what an empty list means: they
// are ready from the start, and never say that all usage has expired.
type (
	readyNodes struct{ nodemetrics.Messages }
	readyPods  struct{ podmetrics.Messages }
)

// Ready implements generic.Availability.
func (readyNodes) Ready() error { return nil }

// Expired implements generic.Availability.
func (readyNodes) Expired() error { return nil }

// Ready implements generic.Availability.
func (readyPods) Ready() error { return nil }

// Expired implements generic.Availability.
func (readyPods) Expired() error { return nil }

// pausedPods is a collector whose initial scrapes end when the scenario lists the pods: only then does a server begin to list them.
type pausedPods struct {
	app.Collector
	ended chan struct{}
}

// AwaitInitial implements app.Collector.
func (p *pausedPods) AwaitInitial(ctx context.Context) {
	select {
	case <-p.ended:
	case <-ctx.Done():
	}
}

// listPods has the server list its pods.
func (s *simulation) listPods() error {
	if s.server.pause == nil {
		return errors.New("the server has listed its pods already: it needs late-pods")
	}
	close(s.server.pause.ended)
	s.server.pause = nil
	return nil
}
