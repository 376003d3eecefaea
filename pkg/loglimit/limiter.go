// Package loglimit keeps lines that come and go from filling the log.
package loglimit

import (
	"sync"
	"time"
)

// Interval is the time after a line was logged during which it is not logged again.
const Interval = 10 * time.Minute

// Limiter is what was logged of one thing, such as a node. Its zero value has logged nothing. It is safe for concurrent use.
type Limiter struct {
	mu sync.Mutex
	// at is when each line was last logged, by its code; nil where none was.
	at map[string]time.Time
}

// IsNew is true where no line with the code was logged during Interval, and counts it as logged. The codes must be a small fixed set.
func (l *Limiter) IsNew(code string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	for c, at := range l.at {
		if now.Sub(at) >= Interval {
			delete(l.at, c)
		}
	}
	if _, logged := l.at[code]; logged {
		return false
	}
	if l.at == nil {
		l.at = map[string]time.Time{}
	}
	l.at[code] = now
	return true
}
