package apiserver

import "sync"

// places count the requests in flight of each client, whose number is limited. It holds no more clients than there are requests in flight.
// It is safe for concurrent use.
type places struct {
	// each is how many requests one client may have in flight.
	each int

	mu       sync.Mutex
	inFlight map[string]int
}

func newPlaces(each int) *places {
	return &places{each: each, inFlight: map[string]int{}}
}

// take is false where the client has as many requests in flight as it may have. Otherwise the caller gives the place back.
func (p *places) take(client string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inFlight[client] >= p.each {
		return false
	}
	p.inFlight[client]++
	return true
}

// giveBack ends what take began.
func (p *places) giveBack(client string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.inFlight[client]--; p.inFlight[client] == 0 {
		delete(p.inFlight, client)
	}
}
