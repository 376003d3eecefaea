package store

import (
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Store holds the latest usage of every node and its pods. It is safe for concurrent use; one node's writer never waits for another's.
type Store struct {
	objects   Objects
	clock     clock.Clock
	staleness usage.Staleness
	reader    *usage.Reader

	publisher publisher
	expiries  expiries
	clocks    clocks

	// mu guards nodes, not what they point to. It is never held while a node's own lock is awaited.
	mu    sync.RWMutex
	nodes map[string]*node
}

// New returns an empty store of the usage of these objects, which is served by the rule of staleness.
func New(objects Objects, staleness usage.Staleness, c clock.Clock) *Store {
	s := &Store{
		objects: objects, clock: c, staleness: staleness,
		nodes: map[string]*node{}, clocks: clocks{nodes: map[string]nodeClock{}},
		expiries: expiries{changed: make(chan struct{}, 1)},
	}
	s.publisher.start(c.Now().UnixNano())
	s.reader = usage.NewReader(s.staleness, c.Now, s.publisher.resourceVersion)
	return s
}

// Identity is which node a sample belongs to. Where the UID or the boot changes, everything that is kept of the node is dropped.
type Identity struct {
	// Name is the key.
	Name string
	// UID is of the Node object, Boot of the machine's last boot; both may be empty.
	UID, Boot string
	// CPU is what the node has, in nanocores, and Memory in bytes; 0 where it is unknown.
	CPU, Memory uint64
	// Swap is the node's swap space in bytes; 0 where it has none or its use is not asked for.
	Swap uint64
	// Gone is set once the node is to be deleted: nothing is accepted under this identity any more. Nil where that never happens.
	Gone *atomic.Bool
}

// Summary is what one put did.
type Summary struct {
	// Rejected counts the readings that were not accepted, those of the decoder included.
	Rejected sample.Rejections
	// Pods is how many pods of this node the sample has, Complete how many of them are published.
	Pods, Complete int
	// Node is true where the node itself is published.
	Node bool
	// WithoutRate is how many pods, the node itself counted as one, miss nothing but a CPU rate. FirstSeen is how many of them
	// were reported for the first time: a second reading soon may help.
	WithoutRate, FirstSeen int
	// Behind is by how much the server's own clock is behind those of most nodes; 0 where it is not.
	Behind time.Duration
}

// Put takes one response of a node's kubelet. It replaces the usage of the node and its pods, and touches no other node. The store keeps
// nothing of n but strings.
func (s *Store) Put(id Identity, n *sample.Node) Summary {
	entry := s.getOrCreate(id)
	entry.mu.Lock()
	defer entry.unlock()
	entry.unpublishIfRequested() // A scrape that failed before this response came says nothing of it.
	entry.identify(id)
	entry.cell = s.nodeCell(id)
	p := s.newPut(s.clock.Now().UnixNano(), entry)
	p.behind, p.behindMost = s.clocks.report(id.Name, &n.Usage, p.now)
	if entry.gone.Load() {
		s.clocks.remove(id.Name) // The node was deleted before it had this vote.
	}
	p.rejected.Merge(n.Rejected)
	entry.accept(n, &p)
	s.scheduleExpiry(entry, p.expires)
	return p.summary(entry)
}

// Suggest takes the kubelet's own rates, from its other endpoint, for what missed nothing else in the newest scrape of the
// node. It changes nothing that is complete, and the next readings replace it. It returns how many pods, the node itself
// counted as one, still miss a rate.
func (s *Store) Suggest(id Identity, n *sample.Node) (withoutRate int) {
	entry := s.getOrCreate(id)
	entry.mu.Lock()
	defer entry.unlock()
	p := s.newPut(entry.scrapedAt, entry)
	if entry.id == id && entry.scrapedAt != 0 {
		entry.suggest(n, &p)
		s.scheduleExpiry(entry, p.expires)
	}
	return entry.withoutRate()
}

// nodeCell returns where the usage of a node is published; nil where its object is gone, or is of another node by now.
func (s *Store) nodeCell(id Identity) *usage.NodeCell {
	uid, cell, ok := s.objects.Node(id.Name)
	if !ok || uid != "" && id.UID != "" && uid != id.UID {
		return nil
	}
	return cell
}

func (s *Store) newPut(now int64, entry *node) put {
	previous := entry.scrapedAt
	if s.staleness.IsOutage(previous, now) {
		// What began during an outage was missed, however recent the scrape before it seems.
		previous = 0
	}
	return put{
		now:       now,
		previous:  previous,
		published: s.clock.Now().UnixNano(),
		publisher: &s.publisher,
		node:      entry,
		expires:   usage.Never,
		staleness: s.staleness,
		objects:   s.objects,
		capacity:  capacity{cpu: entry.id.CPU, memory: entry.id.Memory, swap: entry.id.Swap},
	}
}

// getOrCreate returns the node's entry. That of an identity that is gone is in no map, and publishes nothing.
func (s *Store) getOrCreate(id Identity) *node {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id.Gone != nil && id.Gone.Load() {
		entry := s.newNode()
		entry.gone.Store(true)
		return entry
	}
	if s.nodes[id.Name] == nil {
		s.nodes[id.Name] = s.newNode()
	}
	return s.nodes[id.Name]
}

func (s *Store) newNode() *node {
	n := &node{pods: map[podKey]*pod{}, store: s}
	n.expiry = expiryEntry{node: n, index: -1}
	return n
}

func (s *Store) find(name string) *node {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.nodes[name]
}

// Fail reports that a scrape of the node failed. It changes nothing unless the maximum age is 0. It does not wait for a Put of the node.
func (s *Store) Fail(name string) {
	entry := s.find(name)
	if !s.staleness.NewestOnly() || entry == nil {
		return
	}
	entry.unpublishSoon()
}

// Delete drops a node. It does not wait for a Put of the node: what that publishes is unpublished when it ends.
func (s *Store) Delete(name string) {
	s.mu.Lock()
	entry := s.nodes[name]
	delete(s.nodes, name)
	s.mu.Unlock()
	if entry != nil {
		s.publisher.forbid(entry)
		entry.unpublishSoon()
	}
	s.clocks.remove(name)
}
