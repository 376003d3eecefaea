package store

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/utils/clock"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// Store holds the latest usage of every node and its pods. It is safe for concurrent use; one node's writer never waits for another's.
type Store struct {
	objects Objects
	clock   clock.WithTicker
	// started is when the store was made, and ahead by how much the wall clock has been set forward at the most since then, in nanoseconds.
	started   time.Time
	ahead     atomic.Int64
	staleness usage.Staleness
	reader    *usage.Reader

	publisher publisher
	clocks    clocks

	// mu guards the map and the slice of the nodes, not what they point to. It is never held while a node's own lock is awaited.
	mu    sync.RWMutex
	nodes map[string]*node
	// list has the same nodes. No element of it is ever overwritten, so that it can be read without the lock.
	list []*node
}

// New returns an empty store of the usage of these objects, which is served by the rule of staleness.
func New(objects Objects, staleness usage.Staleness, c clock.WithTicker) *Store {
	s := &Store{
		objects: objects, clock: c, started: c.Now(), staleness: staleness,
		nodes: map[string]*node{}, clocks: clocks{nodes: map[string]nodeClock{}},
	}
	s.publisher.visible.Store(s.publisher.next(c.Now().UnixNano()))
	s.reader = usage.NewReader(s.staleness, s.now, s.publisher.visible.Load)
	return s
}

// now is the time by which ages are measured: that of the server's wall clock, but where that clock is set back it goes on. Otherwise usage would be
// served for longer by as much. The times of kubelets and of the API server are compared with the wall clock as it is.
func (s *Store) now() time.Time {
	wall := s.clock.Now()
	elapsed := wall.Sub(s.started) // by the monotonic clock
	ahead := int64(wall.Round(0).Sub(s.started.Round(0)) - elapsed)
	for before := s.ahead.Load(); ahead > before && !s.ahead.CompareAndSwap(before, ahead); {
		before = s.ahead.Load()
	}
	return s.started.Add(elapsed + time.Duration(s.ahead.Load()))
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
	// Reporter is who reports the node's usage, for messages; empty for its kubelet.
	Reporter string
	// Gone is set once the node is to be deleted: nothing is accepted under this identity any more. Nil where that never happens.
	Gone *atomic.Bool
}

// PutResult counts what one put did.
type PutResult struct {
	// Rejected counts the readings that were not accepted, those of the decoder included.
	Rejected sample.Rejections
	// Pods is how many pods that are bound to the node the response has. Complete is how many of these have published usage, be it of an
	// earlier scrape.
	Pods, Complete int
	// WithoutRate is how many pods have all their readings but no CPU rate yet; the node itself counts as one. FirstSeen is how many of
	// them have a new CPU reading in this response: another one soon gives the rate.
	WithoutRate, FirstSeen int
	// Behind is by how much the server's own clock is behind those of most nodes; 0 where it is not.
	Behind time.Duration
}

// Put takes one response of a node's kubelet. It replaces the usage of the node and its pods, and touches no other node. The store keeps
// nothing of n but strings.
func (s *Store) Put(id Identity, n *sample.Node) PutResult {
	entry := s.getOrCreate(id)
	entry.mu.Lock()
	defer entry.unlock()
	entry.unpublishIfRequested() // A scrape that failed before this response came does not concern it.
	entry.identify(id)
	entry.cell = s.nodeCell(id)
	p := s.newPass(s.now().UnixNano(), entry)
	var behindMost int64
	p.behind, behindMost = s.clocks.report(id.Name, &n.Usage, p.wallTime())
	if entry.gone.Load() {
		s.clocks.remove(id.Name) // The node was deleted before its clock was reported.
	}
	p.result.Rejected.Merge(n.Rejected)
	p.result.Behind = time.Duration(behindMost)
	entry.accept(n, &p)
	entry.expires.Store(p.expires)
	return p.result
}

// nodeCell returns where the usage of a node is published; nil where its object is gone, or is of another node by now.
func (s *Store) nodeCell(id Identity) *usage.NodeCell {
	uid, cell, ok := s.objects.Node(id.Name)
	if !ok || uid != "" && id.UID != "" && uid != id.UID {
		return nil
	}
	return cell
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
	entry := s.nodes[id.Name]
	if entry == nil {
		entry = s.newNode()
		s.nodes[id.Name], s.list = entry, append(s.list, entry)
	}
	return entry
}

// find returns the node's entry; nil where there is none.
func (s *Store) find(name string) *node {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.nodes[name]
}

// allNodes returns the nodes, in a slice that must not be changed.
func (s *Store) allNodes() []*node {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.list
}

// Fail reports that a scrape of the node failed. It changes nothing unless the maximum age is 0. It does not wait for a Put of the node.
func (s *Store) Fail(name string) {
	if entry := s.find(name); entry != nil && s.staleness.NewestOnly() {
		entry.unpublishSoon()
	}
}

// Delete drops a node. It does not wait for a Put of the node: what that publishes is unpublished when it ends.
func (s *Store) Delete(name string) {
	s.mu.Lock()
	entry := s.nodes[name]
	delete(s.nodes, name)
	s.list = slices.DeleteFunc(slices.Clone(s.list), func(n *node) bool { return n == entry })
	s.mu.Unlock()
	if entry != nil {
		s.publisher.mu.Lock()
		entry.gone.Store(true) // It publishes nothing any more.
		s.publisher.mu.Unlock()
		entry.unpublishSoon()
	}
	s.clocks.remove(name)
}
