package store

import "github.com/plimsoll/plimsoll/pkg/sample"

// pass is one call that changes what is kept of a node: its input beside the response, and its result. It is used while the node is locked.
type pass struct {
	*Store
	node *node
	// now is when the newest response was read, and previous when the one before it; 0 where there was none, or an outage since. Both are in
	// Unix nanoseconds by the clock of the store, as are the times that follow. setBack is by how much the server's wall clock is behind that clock.
	now, previous, setBack int64
	// published is the time of the pass itself, by which it decides what is fresh enough to be published. It is later than now where the pass does not
	// bring a response, but goes on with the newest one: see amend.
	published int64
	// expires is the last moment at which all that is published of the node may be served.
	expires int64
	// noSwap is true where the zeros that containers report as swap stand for no reading.
	noSwap bool
	// unknown counts the pods of the response without a known object.
	unknown int
	// behind is by how much the server's own clock is behind that of the node: see clocks.
	behind int64
	result PutResult
}

// newPass begins a pass with the response that was read at a moment. The caller holds the lock of the node.
func (s *Store) newPass(now int64, n *node) pass {
	p := pass{Store: s, node: n, now: now, previous: n.scrapedAt, published: s.now().UnixNano(), expires: n.expires.Load()}
	p.setBack = p.published - s.clock.Now().UnixNano()
	if s.staleness.IsGap(p.previous, now) {
		// What began during an outage was missed, however recent the scrape before it seems.
		p.previous = 0
	}
	return p
}

// amend runs change on the newest response of a node, unless the node has none under this identity.
func (s *Store) amend(id Identity, change func(*pass)) {
	entry := s.find(id.Name)
	if entry == nil {
		return
	}
	entry.mu.Lock()
	defer entry.unlock()
	if entry.id != id || entry.scrapedAt == 0 {
		return
	}
	p := s.newPass(entry.scrapedAt, entry)
	change(&p)
	entry.expires.Store(p.expires)
}

// scrapeInfo is when the response was read, and when the running instance of a container started: see [sample.ScrapeInfo].
func (p *pass) scrapeInfo(started int64) sample.ScrapeInfo {
	return sample.ScrapeInfo{Now: p.wallTime(), Previous: p.byWallClock(p.previous), Behind: p.behind, Started: started}
}

// wallTime is when the newest response was read by the wall clock as it is set, with which the times of others are compared.
func (p *pass) wallTime() int64 { return p.byWallClock(p.now) }

// byWallClock turns a moment by the clock of the store into one by the wall clock; 0, which is no moment, stays.
func (p *pass) byWallClock(moment int64) int64 {
	if moment == 0 {
		return 0
	}
	return moment - p.setBack
}

// countRejected counts a reading by what became of it. One that is no newer than the one before it is not rejected: the kubelet had none.
func (p *pass) countRejected(r sample.Rejection) {
	if r != sample.Repeated {
		p.result.Rejected.Add(r)
	}
}
