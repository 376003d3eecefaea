// Package progress counts how far a collector has come with the nodes of one cluster.
//
// Each collector fills Counts in. The wiring in cmd/plimsoll/app reads them: for readiness, for the message of an API request that is too early, and
// for the metric plimsoll_nodes. The package is a leaf: it imports nothing of Plimsoll, so that collectors need not know each other.
package progress

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Counts are the nodes of one cluster at one moment. Make one with New.
type Counts struct {
	// Nodes is the number of nodes that the collector is responsible for. Settled is how many of them have usage for every pod that runs there, or
	// fail for a known reason.
	Nodes, Settled int
	// NotScraped, WithoutRate and PodsUnknown divide the nodes that are not settled. NotScraped: no scrape has ended yet. WithoutRate: a second
	// reading is missing, without which there is no CPU rate. PodsUnknown: the readings wait for the list of pods.
	NotScraped, WithoutRate, PodsUnknown int
	// Failing counts the nodes that fail, by the code of the reason. It is never nil.
	Failing map[string]int
	// Message explains the reason that most of the failing nodes share; empty where no node fails.
	Message string
}

// New returns the counts of a collector that has so many nodes, none of which has been classified yet.
func New(nodes int) Counts { return Counts{Nodes: nodes, Failing: map[string]int{}} }

// Fail counts so many nodes as failing for a reason. Each of them is to be counted in Settled too.
func (c *Counts) Fail(nodes int, code, message string) {
	c.Failing[code] += nodes
	for _, n := range c.Failing {
		if n > c.Failing[code] {
			return
		}
	}
	c.Message = message
}

// Succeed counts a node that was counted as failing as one that does not.
func (c *Counts) Succeed(code string) {
	if c.Failing[code]--; c.Failing[code] <= 0 {
		delete(c.Failing, code)
	}
	if len(c.Failing) == 0 {
		c.Message = ""
	}
}

// Merge adds the counts of other nodes.
func (c *Counts) Merge(other Counts) {
	c.Nodes, c.Settled = c.Nodes+other.Nodes, c.Settled+other.Settled
	c.NotScraped, c.WithoutRate, c.PodsUnknown = c.NotScraped+other.NotScraped, c.WithoutRate+other.WithoutRate, c.PodsUnknown+other.PodsUnknown
	if other.AllFailing() > c.AllFailing() {
		c.Message = other.Message
	}
	for code, n := range other.Failing {
		c.Failing[code] += n
	}
}

// AllFailing is the number of nodes that fail, whatever the reason.
func (c Counts) AllFailing() (nodes int) {
	for _, n := range c.Failing {
		nodes += n
	}
	return nodes
}

// String returns one line for a person: how many nodes are done, what the others wait for, and why nodes fail.
func (c Counts) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d nodes are done", c.Settled, c.Nodes)
	for _, state := range []struct {
		nodes int
		text  string
	}{
		{c.NotScraped, "not scraped yet"},
		{c.WithoutRate, "scraped, waiting for a second reading, which a CPU rate needs"},
		{c.PodsUnknown, "scraped, waiting for the list of pods"},
	} {
		if state.nodes > 0 {
			fmt.Fprintf(&b, "; %d %s", state.nodes, state.text)
		}
	}
	for i, code := range slices.Sorted(maps.Keys(c.Failing)) {
		separator := ", "
		if i == 0 {
			separator = "; failing: "
		}
		fmt.Fprintf(&b, "%s%d %s", separator, c.Failing[code], code)
	}
	if c.Message != "" {
		b.WriteString("; " + c.Message)
	}
	return b.String()
}
