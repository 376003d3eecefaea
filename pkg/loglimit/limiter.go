// Package loglimit prevents another party from filling the log. A Limiter decides whether a state that changes to and fro is logged again; a Writer omits
// what a library logs too often.
//
// It stands beside the data flow: pkg/scrape uses a Limiter for what is wrong with a node, pkg/servingcert for what is wrong with a certificate, and
// pkg/export for changes that it has lost; pkg/apiserver and the command use a Writer for what clients cause. It is a leaf, and logs nothing itself.
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
	// at is when each line was last logged; nil where none was.
	at map[line]time.Time
	// states are what the log has of each subject; nil where it has none.
	states map[string]string
}

// line is what a line of the log is about.
type line struct{ subject, state string }

// IsNew is true where no line about an event was logged during Interval, and counts it as logged. The events must be a small fixed set.
func (l *Limiter) IsNew(event string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.isNew(line{subject: event})
}

// Set is true where the state of a subject is to be logged: the log has another one, and has not had this one during Interval. A subject begins with
// the empty state. The caller calls Set each time that it sees the state, changed or not: so states that alternate are each logged once in Interval,
// and the log ends with the one that stays. The subjects and states must be small fixed sets.
func (l *Limiter) Set(subject, state string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.states[subject] == state || !l.isNew(line{subject, state}) {
		return false
	}
	if l.states == nil {
		l.states = map[string]string{}
	}
	l.states[subject] = state
	return true
}

func (l *Limiter) isNew(logged line) bool {
	now := time.Now()
	for other, at := range l.at {
		if now.Sub(at) >= Interval {
			delete(l.at, other)
		}
	}
	if _, found := l.at[logged]; found {
		return false
	}
	if l.at == nil {
		l.at = map[line]time.Time{}
	}
	l.at[logged] = now
	return true
}
