package watchcache

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// queueSize is for how many events the cache can be late before it builds its state again, and all watchers end.
	queueSize = 1 << 16
	// linger is for how long the state is kept after the last watcher has ended: clients come back at once after each timeout.
	linger = time.Minute
	// idleCheck is how often the cache compares that.
	idleCheck = 10 * time.Second
)

// Cache serves the watches of one resource of one cluster. It is safe for concurrent use.
type Cache[O comparable, U any] struct {
	resource Resource[O, U]
	source   Source
	history  history[O, U]
	counts   counts
	// wanted has an element where a session waits to be run.
	wanted chan struct{}

	// mu guards session, and what sessions have. It is held for the time that a batch of events or a copy of the state takes.
	mu sync.Mutex
	// session is nil while there are no watches.
	session *session[O, U]
}

// session is the time in which changes are followed without a gap. It is guarded by the mu of its cache, but for the channels.
type session[O comparable, U any] struct {
	// ready is closed once the state is complete, and lost when changes were lost: then its watchers end.
	ready, lost chan struct{}
	state       *state[O, U]
	// last is the last batch of the log.
	last     *batch[O, U]
	watchers map[*watcher[O, U]]struct{}
	// users is how many watches wait for ready or run. idle is when they became none.
	users int
	idle  time.Time
}

// New returns a cache. Watches wait until Start runs.
func New[O comparable, U any](r Resource[O, U], s Source) *Cache[O, U] {
	c := &Cache[O, U]{resource: r, source: s, counts: s.Metrics.of(s.Cluster, r.Name), wanted: make(chan struct{}, 1)}
	c.history.slack = micros(max(s.Resolution, minSlack))
	return c
}

// minSlack is the least by which another replica may be late with what is gone: it may be without its API server for a while.
const minSlack = 30 * time.Second

// Version is the resource version of the newest change, for a list. A watch may begin there.
func (c *Cache[O, U]) Version() uint64 {
	version := c.source.Version()
	c.history.issue(version)
	return version
}

// Keep keeps a former object: one that is gone, or is served in another way from now on. The caller calls it once the cluster has the change, and before
// the store has it. A nil cache keeps nothing.
func (c *Cache[O, U]) Keep(former O) {
	if c == nil || !c.resource.MayBeServed(former) {
		return // No client has it.
	}
	used, _ := c.resource.Cell(former).Load()
	c.history.add(formerObject[O, U]{version: c.now(), object: former, used: used})
}

// now is the version that a change would have now.
func (c *Cache[O, U]) now() uint64 {
	return max(c.source.Version(), uint64(max(time.Now().UnixMicro(), 0)))
}

// Start follows the changes while clients watch, until ctx is done.
func (c *Cache[O, U]) Start(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() {
		select {
		case <-c.source.Known:
			c.history.begin(c.now())
		case <-ctx.Done():
		}
	})
	for {
		select {
		case <-c.wanted:
			c.follow(ctx)
		case <-ctx.Done():
			return nil
		}
	}
}

// join returns the session of a new watch, once it is ready. The caller calls leave.
func (c *Cache[O, U]) join(ctx context.Context) (*session[O, U], error) {
	c.mu.Lock()
	s := c.session
	if s == nil {
		s = c.newSession()
		select {
		case c.wanted <- struct{}{}:
		default:
		}
	}
	s.users++
	c.mu.Unlock()
	select {
	case <-s.ready:
		return s, nil
	case <-s.lost:
		c.leave(s)
		return nil, errors.New("the server ends")
	case <-ctx.Done():
		c.leave(s)
		return nil, context.Cause(ctx)
	}
}

// newSession makes a session the current one. The caller holds mu.
func (c *Cache[O, U]) newSession() *session[O, U] {
	c.session = &session[O, U]{ready: make(chan struct{}), lost: make(chan struct{}), watchers: map[*watcher[O, U]]struct{}{}, idle: time.Now()}
	return c.session
}

func (c *Cache[O, U]) leave(s *session[O, U]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.users--; s.users == 0 {
		s.idle = time.Now()
	}
}
