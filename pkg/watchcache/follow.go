package watchcache

import (
	"context"
	"time"

	"github.com/plimsoll/plimsoll/pkg/usage"
)

// moreLag is how many changes a watcher may be behind beyond as many as there are objects, which is what one interval brings, or one poll of an engine at once.
const moreLag = 1024

// follow runs the current session, and those that take its place when changes are lost, until there have been no watches for a while.
func (c *Cache[O, U]) follow(ctx context.Context) {
	o := c.source.Observe(queueSize)
	defer o.Close()
	s := c.current()
	defer func() { c.end(s) }()
	for isReady := false; ctx.Err() == nil && (!isReady || !c.endIfIdle(s)); {
		b, err := receive(ctx, o, isReady)
		switch {
		case err != nil && !isReady:
			close(s.ready) // No event is waiting.
			isReady = true
		case err != nil:
		case b.Resync:
			if isReady {
				s, isReady = c.replace(s), false
			}
			c.build(s)
			fallthrough
		default:
			c.apply(s, b.Events)
		}
	}
}

// receive returns the next events. It waits for them for idleCheck at the most, and not at all before the session is ready.
func receive(ctx context.Context, o *usage.Observer, wait bool) (usage.Batch, error) {
	timeout := time.Duration(0)
	if wait {
		timeout = idleCheck
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return o.Receive(ctx)
}

func (c *Cache[O, U]) current() *session[O, U] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// build gives a session, which has no watchers yet, what is served now.
func (c *Cache[O, U]) build(s *session[O, U]) {
	built := newState(&c.resource, c.Version())
	for _, e := range built.objects {
		c.history.issue(e.version)
	}
	c.history.issue(built.version)
	c.mu.Lock()
	defer c.mu.Unlock()
	s.state, s.last = built, newBatch[O, U](nil, 0, built.version)
}

// apply changes the state, and ends watchers that are too far behind.
func (c *Cache[O, U]) apply(s *session[O, U], events []usage.Event) {
	if len(events) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var changes []*change[O, U]
	for i := range events {
		changes = s.state.apply(changes, &events[i])
		c.history.issue(events[i].ResourceVersion)
	}
	s.last = s.last.append(changes, s.state.version)
	limit := uint64(len(s.state.objects) + moreLag)
	for w := range s.watchers {
		if s.last.total-w.read.Load() > limit {
			w.expire()
			delete(s.watchers, w)
		}
	}
}

// replace ends a session whose changes were lost, and all its watchers, and returns the next one.
func (c *Cache[O, U]) replace(s *session[O, U]) *session[O, U] {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(s.lost)
	return c.newSession()
}

// endIfIdle ends the session if there have been no watches for linger.
func (c *Cache[O, U]) endIfIdle(s *session[O, U]) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.users > 0 || time.Since(s.idle) < linger {
		return false
	}
	c.session = nil
	return true
}

// end ends the session, and its watchers where there are any: the server ends.
func (c *Cache[O, U]) end(s *session[O, U]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session == s {
		c.session = nil
	}
	close(s.lost)
}
