package scrape

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/plimsoll/plimsoll/pkg/kubelet"
	"github.com/plimsoll/plimsoll/pkg/schedule"
)

// yielding yields before it responds, as a connection does while a kubelet makes its response.
type yielding struct {
	http.RoundTripper
	conn *kubelet.Conn
	// now counts the requests that have yielded and were not resumed.
	now *atomic.Int64
}

func (r yielding) RoundTrip(request *http.Request) (*http.Response, error) {
	if w := r.conn.Worker; w != nil {
		w.Blocked(false)
		r.now.Add(1)
		w.Yield()
		r.now.Add(-1)
		w.Blocked(true)
	}
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	return r.RoundTripper.RoundTrip(request)
}

func inYieldingBubble(t *testing.T, test func(t *testing.T, b *env, yielded *atomic.Int64)) {
	var yielded atomic.Int64
	inBubble(t, func(c *testConfig) {
		c.wrap = func(conn *kubelet.Conn, next http.RoundTripper) http.RoundTripper {
			return yielding{next, conn, &yielded}
		}
	}, func(t *testing.T, b *env) { test(t, b, &yielded) })
}

// awaitYielded returns once so many scrapes have yielded, which the scrapes of a tick do together.
func awaitYielded(t *testing.T, yielded *atomic.Int64, scrapes int64) {
	t.Helper()
	for range int(2 * resolution / time.Millisecond) {
		<-time.After(time.Millisecond)
		synctest.Wait()
		if yielded.Load() >= scrapes {
			return
		}
	}
	t.Fatalf("%d scrapes never had yielded at once", scrapes)
}

// nodesOfOneTick are names of nodes whose scrapes are due in the same tick after a resolution has passed.
func nodesOfOneTick(n int) (names []string) {
	tickOf := func(name string) time.Duration { return newTiming(name, resolution).offset / schedule.Tick }
	for i := 0; len(names) < n; i++ {
		if name := fmt.Sprintf("n%d", i); tickOf(name) == tickOf("n0") {
			names = append(names, name)
		}
	}
	return names
}

// TestKubeletsOfATickAreScrapedOneAfterTheOther where all respond within it.
func TestKubeletsOfATickAreScrapedOneAfterTheOther(t *testing.T) {
	g := &gauge{}
	inBubble(t, func(c *testConfig) {
		g.next, c.transport = c.transport, g
	}, func(t *testing.T, b *env) {
		for _, name := range nodesOfOneTick(10) {
			b.kubelets.set(name, func(r *http.Request) (*http.Response, error) {
				<-time.After(time.Millisecond)
				return fine(r)
			})
			b.Set(node(name))
		}
		<-time.After(5 * resolution)
		if most := g.since(); most != 1 {
			t.Errorf("%d requests were in flight at once, want 1", most)
		}
	})
}

// TestHangingKubeletDelaysNoOther of its tick by more than a few ticks, whether or not their scrapes yield.
func TestHangingKubeletDelaysNoOther(t *testing.T) {
	test := func(t *testing.T, b *env) {
		names := nodesOfOneTick(10)
		for i, name := range names {
			if i%3 == 0 {
				b.kubelets.set(name, hang)
			}
			b.Set(node(name))
		}
		<-time.After(5 * resolution)
		for i, name := range names {
			if i%3 != 0 {
				checkPunctual(t, b, name)
			}
		}
	}
	t.Run("without a yield", func(t *testing.T) { inBubble(t, nil, test) })
	t.Run("with a yield", func(t *testing.T) {
		inYieldingBubble(t, func(t *testing.T, b *env, _ *atomic.Int64) { test(t, b) })
	})
}

// checkPunctual wants a node to have been scraped once a resolution, for five of them, at its offset or a few ticks later.
func checkPunctual(t *testing.T, b *env, name string) {
	t.Helper()
	scrapes := b.kubelets.requests(name)
	if len(scrapes) < 5 {
		t.Fatalf("node %s was scraped %d times", name, len(scrapes))
	}
	for _, at := range scrapes[1:] {
		if late := (at - newTiming(name, resolution).offset) % resolution; late > 5*schedule.Tick {
			t.Errorf("node %s was scraped %s after it was due", name, late)
		}
	}
}

// TestUrgentScrapesYieldForShortTicks, the first and the second of a node.
func TestUrgentScrapesYieldForShortTicks(t *testing.T) {
	const leastYield = schedule.Tick / 2
	inYieldingBubble(t, func(t *testing.T, b *env, _ *atomic.Int64) {
		b.stored.young = 1
		b.Set(node("a"))
		<-time.After(3 * resolution)
		due := newTiming("a", resolution).initialDelay()
		for i, at := range b.kubelets.requests("a")[:2] {
			if late := at - due; late < 0 || late > leastYield+2*schedule.ShortTick {
				t.Errorf("the response to scrape %d was read %s after it was due, want %s at most", i, late, leastYield+2*schedule.ShortTick)
			}
			due = at + followUpDelay - leastYield - schedule.ShortTick // It counts from the request, and so from before the yield.
		}
	})
}

// TestSlowKubeletDelaysNoOther: the scrape blocks once for each of its bytes.
func TestSlowKubeletDelaysNoOther(t *testing.T) {
	inYieldingBubble(t, func(t *testing.T, b *env, _ *atomic.Int64) {
		names := nodesOfOneTick(5)
		b.kubelets.set(names[0], func(r *http.Request) (*http.Response, error) {
			b.mu.Lock()
			w := b.nodes[names[0]].conn.Worker
			b.mu.Unlock()
			for range 8000 {
				w.Blocked(false)
				<-time.After(time.Millisecond)
				w.Blocked(true)
			}
			return fine(r)
		})
		for _, name := range names {
			b.Set(node(name))
		}
		<-time.After(5 * resolution)
		for _, name := range names[1:] {
			checkPunctual(t, b, name)
		}
	})
}

// TestRemoveWhileAScrapeHasYielded waits no longer than it takes to resume the scrape.
func TestRemoveWhileAScrapeHasYielded(t *testing.T) {
	inYieldingBubble(t, func(t *testing.T, b *env, yielded *atomic.Int64) {
		b.Set(node("a"))
		awaitYielded(t, yielded, 1)
		begin := time.Now()
		b.Remove("a")
		if took := time.Since(begin); took > 0 {
			t.Errorf("it took %s", took)
		}
		<-time.After(resolution)
		if calls := b.stored.recorded(); len(calls) != 1 || calls[0] != "delete a" {
			t.Errorf("calls: %v, want the deletion alone", calls)
		}
	})
}

// TestNodeThatMovesWhileItsScrapeHasYielded is scraped again once that scrape is over.
func TestNodeThatMovesWhileItsScrapeHasYielded(t *testing.T) {
	inYieldingBubble(t, func(t *testing.T, b *env, yielded *atomic.Int64) {
		b.Set(node("a"))
		awaitYielded(t, yielded, 1)
		moved := node("a")
		moved.URL = "http://b"
		b.Set(moved)
		<-time.After(4 * schedule.Tick)
		if got := len(b.kubelets.requests("a")) + len(b.kubelets.requests("b")); got != 2 || len(b.kubelets.requests("b")) != 1 {
			t.Errorf("a was scraped after %s, b after %s", b.kubelets.requests("a"), b.kubelets.requests("b"))
		}
	})
}

// TestStopWhileScrapesHaveYielded: the bubble fails where one of them, or its coroutine, is left.
func TestStopWhileScrapesHaveYielded(t *testing.T) {
	inYieldingBubble(t, func(t *testing.T, b *env, yielded *atomic.Int64) {
		for _, name := range nodesOfOneTick(20) {
			b.Set(node(name))
		}
		awaitYielded(t, yielded, 2)
	})
}

// TestRemoveWhileTheManagerStops does not wait for ever.
func TestRemoveWhileTheManagerStops(t *testing.T) {
	inYieldingBubble(t, func(t *testing.T, b *env, yielded *atomic.Int64) {
		names := nodesOfOneTick(20)
		for _, name := range names {
			b.Set(node(name))
		}
		awaitYielded(t, yielded, 2)
		// The bubble ends the server when the test returns, and fails where one of these never does.
		for _, name := range names {
			go b.Remove(name)
		}
	})
}
