package fleet

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// OtherPaths counts the requests for paths that no kubelet of the fleet serves.
const OtherPaths = "other"

// Traffic counts the requests to a node.
type Traffic struct {
	// Requests counts the requests by path, refused ones too; OtherPaths stands for unknown paths.
	Requests map[string]int
	// Plain is how many of them came to the read-only port.
	Plain int
	// Concurrent is the largest number of requests that were in flight at once.
	Concurrent int
}

// maxScrapes is how many times of scrapes are kept of a node.
const maxScrapes = 16

// Traffic counts the requests to a node since the fleet began or ResetTraffic; zero for an unknown node.
func (f *Fleet) Traffic(node string) Traffic {
	n, err := f.node(node)
	if err != nil {
		return Traffic{}
	}
	n.traffic.mu.Lock()
	defer n.traffic.mu.Unlock()
	return Traffic{maps.Clone(n.traffic.requests), n.traffic.plain, n.traffic.most}
}

// Scrapes returns when the latest requests for PathResource of a node arrived, since the fleet began or ResetTraffic: the oldest first, and 16 of them at
// most. It is empty for an unknown node.
func (f *Fleet) Scrapes(node string) []time.Time {
	n, err := f.node(node)
	if err != nil {
		return nil
	}
	n.traffic.mu.Lock()
	defer n.traffic.mu.Unlock()
	return slices.Clone(n.traffic.scrapes)
}

// ResetTraffic makes all nodes count from 0 again.
func (f *Fleet) ResetTraffic() {
	for _, n := range f.nodes {
		n.traffic.mu.Lock()
		n.traffic.requests, n.traffic.plain, n.traffic.most = nil, 0, n.traffic.inFlight
		n.traffic.scrapes = nil
		n.traffic.mu.Unlock()
	}
}

// traffic counts a node's requests.
type traffic struct {
	mu sync.Mutex
	// The rest is guarded by mu.
	requests       map[string]int
	plain          int
	inFlight, most int
	scrapes        []time.Time
}

func (t *traffic) begin(path string, plain bool, now time.Time) {
	if path != PathResource && path != PathSummary && path != PathHealth {
		path = OtherPaths
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.requests == nil {
		t.requests = map[string]int{}
	}
	t.requests[path]++
	if path == PathResource {
		t.scrapes = append(t.scrapes[max(0, len(t.scrapes)-maxScrapes+1):], now)
	}
	if plain {
		t.plain++
	}
	t.inFlight++
	t.most = max(t.most, t.inFlight)
}

func (t *traffic) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
}
