// Package progress counts how far a collector has come with the nodes of one cluster.
//
// Each collector fills Counts in. The wiring in cmd/plimsoll/app reads them: for readiness, for the message of an API request that is too early, and
// for the metric plimsoll_nodes. The package knows no collector, so that these need not know each other.
package progress

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/plimsoll/plimsoll/pkg/cause"
)

// Counts are the nodes of one cluster at one moment. Make one with New.
type Counts struct {
	// Nodes is the number of nodes that the collector is responsible for. Settled is how many of them have usage for every pod that runs there, or
	// fail for a known reason.
	Nodes, Settled int
	// NotScraped, WithoutRate and PodsUnknown divide the nodes that are not settled. NotScraped: no scrape has ended yet. WithoutRate: a second
	// reading is missing, without which there is no CPU rate. PodsUnknown: the readings wait for the list of pods.
	NotScraped, WithoutRate, PodsUnknown int
	// Due is when the last of the attempts is due for which nodes wait that are not settled; zero where none waits.
	Due time.Time
	// Failing counts the nodes that fail, by the cause. It is never nil.
	Failing map[cause.Cause]int
}

// New returns the counts of a collector that has so many nodes, none of which has been classified yet.
func New(nodes int) Counts { return Counts{Nodes: nodes, Failing: map[cause.Cause]int{}} }

// Succeed counts a node that was counted as failing as one that does not.
func (c *Counts) Succeed(failed cause.Cause) {
	if c.Failing[failed]--; c.Failing[failed] <= 0 {
		delete(c.Failing, failed)
	}
}

// Await has Due not be before the time at which an attempt is due.
func (c *Counts) Await(due time.Time) {
	if due.After(c.Due) {
		c.Due = due
	}
}

// Merge adds the counts of other nodes.
func (c *Counts) Merge(other Counts) {
	c.Nodes, c.Settled = c.Nodes+other.Nodes, c.Settled+other.Settled
	c.NotScraped, c.WithoutRate, c.PodsUnknown = c.NotScraped+other.NotScraped, c.WithoutRate+other.WithoutRate, c.PodsUnknown+other.PodsUnknown
	c.Await(other.Due)
	for failed, n := range other.Failing {
		c.Failing[failed] += n
	}
}

// ByLabel counts the nodes that fail by the label of the cause, which several causes may share.
func (c Counts) ByLabel() map[string]int {
	labels := map[string]int{}
	for failed, n := range c.Failing {
		labels[failed.Label()] += n
	}
	return labels
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
	if wait := time.Until(c.Due); wait > 0 {
		fmt.Fprintf(&b, "; what they wait for is due within %s", wait.Truncate(time.Second)+time.Second)
	}
	separator := "; failing: "
	for _, failed := range c.Causes() {
		fmt.Fprintf(&b, "%s%d %s", separator, c.Failing[failed], failed.Label())
		separator = ", "
	}
	if all := c.Causes(); len(all) > 0 {
		b.WriteString("; " + all[0].Message())
	}
	return b.String()
}

// Causes are the causes for which nodes fail, the most frequent one first, and in the order of the table where as many nodes fail.
func (c Counts) Causes() []cause.Cause {
	return slices.SortedFunc(maps.Keys(c.Failing), func(a, b cause.Cause) int {
		return cmp.Or(cmp.Compare(c.Failing[b], c.Failing[a]), cmp.Compare(a, b))
	})
}
