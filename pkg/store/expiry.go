package store

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// expiries are the nodes in the order of when some usage of theirs may have become too old. A time may be too early, as a scrape has
// confirmed the usage since: then the node is entered anew. The zero value is not ready; it is safe for concurrent use.
type expiries struct {
	mu    sync.Mutex
	nodes expiryHeap
	// changed has an element where the first node is another.
	changed chan struct{}
}

// expiryHeap implements heap.Interface.
type expiryHeap []*expiryEntry

// expiryEntry is the place of one node in the heap. It is guarded by the lock of the expiries.
type expiryEntry struct {
	node *node
	// at is in Unix nanoseconds by the server's clock.
	at int64
	// index is where the entry is in the heap; -1 where it is not.
	index int
}

func (h expiryHeap) Len() int           { return len(h) }
func (h expiryHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h expiryHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push implements heap.Interface.
func (h *expiryHeap) Push(x any) {
	e := x.(*expiryEntry)
	e.index = len(*h)
	*h = append(*h, e)
}

// Pop implements heap.Interface.
func (h *expiryHeap) Pop() any {
	last := (*h)[len(*h)-1]
	(*h)[len(*h)-1] = nil
	*h = (*h)[:len(*h)-1]
	last.index = -1
	return last
}

// schedule has the usage of a node checked for its age at a moment, unless that is scheduled earlier anyhow.
func (e *expiries) schedule(entry *expiryEntry, at int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case entry.index < 0:
		entry.at = at
		heap.Push(&e.nodes, entry)
	case at < entry.at:
		entry.at = at
		heap.Fix(&e.nodes, entry.index)
	default:
		return
	}
	if entry.index == 0 {
		select {
		case e.changed <- struct{}{}:
		default:
		}
	}
}

// due takes out a node whose time has come; nil where there is none. Then next is when to ask again.
func (e *expiries) due(now int64) (due *node, next int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.nodes) == 0 {
		return nil, usage.Never
	}
	if first := e.nodes[0]; first.at > now {
		return nil, first.at
	}
	return heap.Pop(&e.nodes).(*expiryEntry).node, now
}

// maxExpiryWait bounds the wait for the next expiry, since a clock that is set forward makes usage old and no timer fire.
const maxExpiryWait = 10 * time.Second

// Start has usage that grows too old expire as an event, for as long as something observes the store, until ctx is done.
func (s *Store) Start(ctx context.Context) error {
	timer := s.clock.NewTimer(maxExpiryWait)
	defer timer.Stop()
	for {
		now := s.clock.Now().UnixNano()
		due, next := s.expiries.due(now)
		if due != nil {
			s.expire(due)
			continue
		}
		timer.Reset(time.Duration(min(next-now, int64(maxExpiryWait))))
		select {
		case <-ctx.Done():
			return nil
		case <-s.expiries.changed:
		case <-timer.C():
		}
	}
}

// expire unpublishes what is too old of a node, and schedules what will be.
func (s *Store) expire(n *node) {
	n.mu.Lock()
	defer n.unlock()
	now := s.clock.Now().UnixNano()
	if !s.staleness.IsFresh(n.fresh, now) {
		n.unpublishSelf(now, Expired)
	}
	earliest := s.expiryOf(n.fresh)
	for key, pod := range n.pods {
		if !s.staleness.IsFresh(pod.fresh, now) {
			pod.unpublishPod(&s.publisher, key, now, Expired)
		}
		earliest = min(earliest, s.expiryOf(pod.fresh))
	}
	s.scheduleExpiry(n, earliest)
}

// expiryOf is the last moment at which usage may be served; [usage.Never] where there is no usage.
func (s *Store) expiryOf(f usage.Freshness) int64 {
	if !f.Known() {
		return usage.Never
	}
	return s.staleness.Expiry(f)
}

// scheduleExpiry has the usage of a node checked for its age after a moment, if anything observes the store.
func (s *Store) scheduleExpiry(n *node, last int64) {
	if last != usage.Never && s.publisher.isObserved() {
		s.expiries.schedule(&n.expiry, last+1)
	}
}

// scheduleAll has the usage of all nodes checked for its age now.
func (s *Store) scheduleAll() {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, n := range s.nodes {
		s.expiries.schedule(&n.expiry, 0)
	}
}
