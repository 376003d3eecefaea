package store

import (
	"sync"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

// clocks compares the server's clock with those of the nodes. Where more than half of the nodes agree that the server's is behind, it is: what
// they read is not from the future. It is safe for concurrent use.
type clocks struct {
	mu    sync.Mutex
	nodes map[string]nodeClock
	// ahead counts the nodes whose clock is ahead, and newest is by how much that was for the latest of them.
	ahead  int
	newest int64
}

// nodeClock is by how much a node's newest reading of itself was ahead of the server's clock, in nanoseconds. It is ahead where that is
// more than aheadOfServer, and no single false reading: the first of the node, or close to the one before.
type nodeClock struct {
	skew  int64
	ahead bool
}

const (
	// aheadOfServer is how far ahead a node's clock may be without a sign that one of the two is wrong, in nanoseconds: the bound of
	// sample.ScrapeInfo.
	aheadOfServer = int64(time.Minute)
	// skewTolerance is by how much two skews of one clock differ at the most, in nanoseconds: a kubelet's reading is up to 20 seconds old.
	skewTolerance = int64(30 * time.Second)
)

// report takes what a node's own readings show of its clock. It returns by how much the server's clock is behind that node's, and behind
// those of most nodes, in nanoseconds; 0 where the server's is right as far as most nodes show.
func (c *clocks) report(node string, u *sample.Usage, now int64) (ofNode, ofMost int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	newest := max(u.CPU.Time, u.Memory.Time, u.Rate.Time)
	if newest > 0 {
		c.set(node, newest-now)
	}
	if 2*c.ahead <= len(c.nodes) {
		return 0, 0
	}
	if newest > 0 {
		return max(newest-now, 0), c.newest
	}
	return c.newest, c.newest
}

func (c *clocks) set(node string, skew int64) {
	before, known := c.nodes[node]
	consistent := !known || max(skew-before.skew, before.skew-skew) <= skewTolerance
	if before.ahead {
		c.ahead--
	}
	now := nodeClock{skew: skew, ahead: skew > aheadOfServer && consistent}
	c.nodes[node] = now
	if now.ahead {
		c.ahead++
		c.newest = skew
	}
}

// remove drops a node.
func (c *clocks) remove(node string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.nodes[node].ahead {
		c.ahead--
	}
	delete(c.nodes, node)
}
