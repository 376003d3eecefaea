package scrape

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
)

func TestBadNodeAffectsOnlyItself(t *testing.T) {
	bad := map[string]func(*http.Request) (*http.Response, error){
		"hang":    hang,
		"503":     func(r *http.Request) (*http.Response, error) { return body(r, 503, "") },
		"garbage": func(r *http.Request) (*http.Response, error) { return body(r, 200, "<html>") },
		"refused": func(*http.Request) (*http.Response, error) { return nil, errors.New("no") },
	}
	for name, behave := range bad {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *env) {
				b.kubelets.set("bad", behave)
				b.Set(node("bad"))
				for i := range 20 {
					b.Set(node(fmt.Sprintf("good-%d", i)))
				}
				time.Sleep(10 * resolution)
				if got, want := b.stored.count("put good"), 20*10; got < want {
					t.Errorf("good nodes were put %d times, want at least %d", got, want)
				}
				if got := b.stored.count("put bad"); got != 0 {
					t.Errorf("the bad node was put %d times", got)
				}
				if got := len(b.kubelets.requests("bad")); got < 3 || got > 7 {
					t.Errorf("the bad node was scraped %d times in 10 resolutions, want fewer and fewer", got)
				}
				if got := b.kubelets.maxInFlight("bad"); got != 1 {
					t.Errorf("%d requests at once to the bad node", got)
				}
			})
		})
	}
}

func TestRemovedNodeIsDeletedLast(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.Set(node("a"))
		time.Sleep(3 * resolution)
		b.kubelets.set("a", hang)
		time.Sleep(resolution)
		b.Remove("a")
		before := len(b.stored.recorded())
		if last := b.stored.recorded()[before-1]; last != "delete a" {
			t.Errorf("the last call was %q", last)
		}
		time.Sleep(3 * resolution)
		if got := b.stored.recorded()[before:]; len(got) > 0 {
			t.Errorf("after the removal came %v", got)
		}
		b.Remove("a")
	})
}

func TestPanicOfADecoderAffectsOneNode(t *testing.T) {
	inBubble(t, func(c *testConfig) {
		c.Sources[0].NewDecoder = newDecoder(func(context.Context, []byte) (sample.Node, error) { panic("out of range") })
	}, func(t *testing.T, b *env) {
		b.Set(node("a"))
		time.Sleep(resolution)
		if got := b.Progress().ByLabel()["decoder_fault"]; got != 1 {
			t.Errorf("the failing nodes are %v", b.Progress().Failing)
		}
	})
}

func TestRefusedNodeKeepsItsUsage(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.Set(node("a"))
		time.Sleep(3 * resolution)
		b.Refuse("a", errors.New("no address"))
		puts := b.stored.count("put")
		time.Sleep(3 * resolution)
		if b.stored.count("delete") != 0 || b.stored.count("put") != puts {
			t.Errorf("calls: %v", b.stored.recorded())
		}
		b.Set(node("a"))
		time.Sleep(resolution)
		if b.stored.count("put") == puts || b.Status("a").Message != "" {
			t.Errorf("the node did not come back: %q", b.Status("a").Message)
		}
		b.Refuse("a", errors.New("no address"))
		b.Remove("a")
		if b.stored.count("delete a") != 1 {
			t.Errorf("the node is not forgotten: %v", b.stored.recorded())
		}
	})
}

func TestResponseWithoutContainersFailsWherePodsRun(t *testing.T) {
	for _, running := range []bool{false, true} {
		inBubble(t, func(c *testConfig) { c.Pods = runningPods(running) }, func(t *testing.T, b *env) {
			b.Set(node("a"))
			time.Sleep(resolution)
			if failed := b.stored.count("fail") > 0; failed != running {
				t.Errorf("pods run: %t, failed: %t", running, failed)
			}
		})
	}
}

// TestDecodingIsBounded by the number of workers that are not blocked: two for each core begin a scrape, and those that were blocked on a
// kubelet meanwhile come back on top of these, which are a few here. Without a bound all twenty nodes of two cores would be decoded at once.
func TestDecodingIsBounded(t *testing.T) {
	var mu sync.Mutex
	now, most := 0, 0
	inBubble(t, func(c *testConfig) {
		c.Sources[0].NewDecoder = newDecoder(func(context.Context, []byte) (sample.Node, error) {
			mu.Lock()
			now++
			most = max(most, now)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			now--
			mu.Unlock()
			return sample.Node{}, nil
		})
	}, func(t *testing.T, b *env) {
		for i := range 10 * runtime.GOMAXPROCS(0) {
			b.Set(node(fmt.Sprintf("n%d", i)))
		}
		time.Sleep(5 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if cores := runtime.GOMAXPROCS(0); most < cores || most > 4*cores {
			t.Errorf("%d responses were decoded at once, want %d to %d", most, cores, 4*cores)
		}
	})
}
