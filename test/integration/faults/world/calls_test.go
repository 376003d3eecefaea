package world

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/observe"
)

var errEmpty = errors.New("the list is empty")

// call is one call of a client and its result.
type call struct {
	begin time.Time
	took  time.Duration
	err   error
}

// calls are those of one client, at a steady pace.
type calls struct {
	mu  sync.Mutex
	all []call
	// end stops the client, and returns when its last call has ended.
	end func()
}

// repeat sends a call at each tick until end is called or the test is over, whether or not the earlier ones have ended.
func repeat(t *testing.T, every time.Duration, do func(context.Context) error) *calls {
	c := &calls{}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { observe.Repeat(ctx, every, func(ctx context.Context) { c.send(ctx, do) }) })
	c.end = sync.OnceFunc(func() { cancel(); running.Wait() })
	t.Cleanup(c.end)
	return c
}

func (c *calls) send(ctx context.Context, do func(context.Context) error) {
	begin := time.Now()
	err := do(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, call{begin, time.Since(begin), err})
}

// figures are the results of calls that began in one stretch of time.
type figures struct {
	calls, failed int
	p50, p99      time.Duration
	// first is the first error.
	first error
}

// underWay is how long before a fault a call may begin and be affected.
const underWay = 500 * time.Millisecond

// between returns the figures of the calls that began between two moments.
func (c *calls) between(from, to time.Time) (f figures) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var took []time.Duration
	for _, one := range c.all {
		if one.begin.Before(from) || !one.begin.Before(to) {
			continue
		}
		f.calls++
		took = append(took, one.took)
		if one.err == nil {
			continue
		}
		if f.failed++; f.failed == 1 {
			f.first = one.err
		}
	}
	slices.Sort(took)
	f.p50, f.p99 = percentile(took, 50), percentile(took, 99)
	return f
}

// percentile returns how long p in 100 took at most.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return observe.Patience
	}
	return sorted[(len(sorted)*p+99)/100-1]
}

// String formats the figures for the log.
func (f figures) String() string {
	return fmt.Sprintf("%d of %d calls failed, p50 %s, p99 %s", f.failed, f.calls, f.p50.Round(time.Millisecond), f.p99.Round(time.Millisecond))
}

// requireServed wants that every call succeeded, 99 in 100 within a second.
func (f figures) requireServed(t *testing.T, name string) {
	t.Helper()
	if f.calls == 0 || f.failed > 0 {
		t.Errorf("%s: %v, the first with: %v", name, f, f.first)
	}
	if f.p99 > time.Second {
		t.Errorf("%s: 1 in 100 calls took %s or more, want less than a second", name, f.p99)
	}
}
