package engine

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/plimsoll/plimsoll/pkg/cluster"
	"github.com/plimsoll/plimsoll/pkg/loglimit"
	"github.com/plimsoll/plimsoll/pkg/progress"
	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/store"
)

// Source is one engine, and which nodes of the cluster are read from it.
type Source struct {
	// Name is the source as it was given, without secrets.
	Name      string
	Client    *Client
	Selection Selection
	Endpoint  Endpoint
	// Nodes selects the nodes.
	Nodes labels.Selector
	// Resolution is the time from one poll of a node to the next, and ShardSize how many nodes are polled together at the most.
	Resolution time.Duration
	ShardSize  int
}

// Config is what the collector of a cluster is made of.
type Config struct {
	// Sources are in the order in which they are tried for a node: the first that selects it is used.
	Sources []Source
	Store   *store.Store
	// Running is true where pods run on a node.
	Running func(node string) bool
	// PodsKnown is closed once the cluster's pods are known.
	PodsKnown <-chan struct{}
	// OnStandby is true while a node's usage comes from elsewhere: it is not polled. Nil where that never is.
	OnStandby func(node string) bool
	Metrics   *Metrics
	// Reject counts readings that were rejected.
	Reject func(sample.Rejections)
}

// Collector reads the usage of one cluster's nodes from engines. It is safe for concurrent use, but calls of Set and Remove for one node must come one
// after the other.
type Collector struct {
	config Config
	// hasStandby is true where nodes may be on standby.
	hasStandby bool
	// unpolled counts the nodes whose first poll has not ended.
	unpolled progress.Pending
	caughtUp atomic.Bool
	// polls bounds the polls that are under way.
	polls  chan struct{}
	logged loglimit.Limiter

	// mu guards what follows, and the nodes.
	mu     sync.Mutex
	nodes  map[string]*node
	shards []*shard
	// running starts a shard; nil before Start.
	running func(*shard)
}

// maxPolls bounds the polls that are under way at once, so that a slow engine is not asked for all at once.
const maxPolls = 4

// NewCollector returns a collector without nodes.
func NewCollector(c Config) *Collector {
	hasStandby := c.OnStandby != nil
	if !hasStandby {
		c.OnStandby = func(string) bool { return false }
	}
	return &Collector{config: c, hasStandby: hasStandby, nodes: map[string]*node{}, polls: make(chan struct{}, maxPolls)}
}

// Set implements cluster.NodeHandler.
func (c *Collector) Set(n *cluster.Node) {
	source := slices.IndexFunc(c.config.Sources, func(s Source) bool { return s.Nodes.Matches(n.Labels) })
	if source < 0 {
		c.Remove(n.Name)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.nodes[n.Name]; known != nil {
		if known.shard.source == source {
			known.set(n)
			return
		}
		known.shard.remove(known)
		known.shard = c.shardOf(source)
		known.set(n)
		known.shard.add(known)
		return
	}
	added := newNode(n)
	added.shard = c.shardOf(source)
	c.nodes[n.Name] = added
	added.standby = c.config.OnStandby(n.Name)
	added.unpolled = !added.standby
	c.unpolled.Add(number(added.unpolled))
	added.shard.add(added)
}

// shardOf returns a shard of the source that has room for a node. The caller holds mu.
func (c *Collector) shardOf(source int) *shard {
	for _, s := range c.shards {
		if s.source == source && len(s.nodes) < c.config.Sources[source].ShardSize {
			return s
		}
	}
	made := newShard(c, source, len(c.shards))
	c.shards = append(c.shards, made)
	if c.running != nil {
		c.running(made)
	}
	return made
}

// Remove implements cluster.NodeHandler. It has the store forget the node's usage.
func (c *Collector) Remove(name string) {
	c.Release(name)
	c.config.Store.Delete(name)
}

// Release takes a node out as Remove does, and leaves its usage to another collector of the same store.
func (c *Collector) Release(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.nodes[name]
	if n != nil {
		n.gone.Store(true)
		c.polled(n)
		delete(c.nodes, name)
		n.shard.remove(n)
	}
}

// polled has a node not be awaited any more. The caller holds mu.
func (c *Collector) polled(n *node) {
	c.unpolled.Add(-number(n.unpolled))
	n.unpolled = false
}

// number is how many nodes a state of one node counts for.
func number(state bool) int {
	if state {
		return 1
	}
	return 0
}

// Start polls the nodes that were set before and are set after, until ctx is done and all polls have ended.
func (c *Collector) Start(ctx context.Context) error {
	var polls sync.WaitGroup
	c.mu.Lock()
	c.running = func(s *shard) {
		if ctx.Err() == nil {
			polls.Go(func() { s.run(ctx) })
		}
	}
	for _, s := range c.shards {
		c.running(s)
	}
	c.mu.Unlock()
	for i := range c.config.Sources {
		polls.Go(func() { c.report(ctx, i) })
	}
	c.catchUp(ctx)
	<-ctx.Done()
	c.mu.Lock() // No shard is started after this.
	c.running = nil
	c.mu.Unlock()
	polls.Wait()
	return nil
}

// catchUp waits until the pods are known, and then publishes what was read of them before.
func (c *Collector) catchUp(ctx context.Context) {
	select {
	case <-c.config.PodsKnown:
		c.mu.Lock()
		var ids []store.Identity
		for _, n := range c.nodes {
			ids = append(ids, n.id)
		}
		c.mu.Unlock()
		for _, id := range ids {
			c.config.Store.MatchPods(id)
		}
		c.caughtUp.Store(true)
	case <-ctx.Done():
	}
}

// initialStall ends the wait for first polls.
const initialStall = 3 * time.Second

// AwaitInitial returns once a poll of every node has ended, none has ended for initialStall, or ctx is done.
func (c *Collector) AwaitInitial(ctx context.Context) { c.unpolled.Await(ctx, initialStall) }
