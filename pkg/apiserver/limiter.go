package apiserver

import "sync"

// concurrencyLimiter limits how many requests of each key are in flight. Its map has no more keys than there are requests in flight. It is
// safe for concurrent use. Nil limits nothing.
type concurrencyLimiter struct {
	// perKey is how many requests of one key may be in flight.
	perKey int

	mu       sync.Mutex
	inFlight map[string]int
}

func newConcurrencyLimiter(perKey int) *concurrencyLimiter {
	return &concurrencyLimiter{perKey: perKey, inFlight: map[string]int{}}
}

// acquire returns false where as many requests of the key are in flight as may be. Otherwise the caller calls release once.
func (l *concurrencyLimiter) acquire(key string) bool {
	if l == nil {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inFlight[key] >= l.perKey {
		return false
	}
	l.inFlight[key]++
	return true
}

// release ends one acquire of the key.
func (l *concurrencyLimiter) release(key string) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inFlight[key]--; l.inFlight[key] == 0 {
		delete(l.inFlight, key)
	}
}
