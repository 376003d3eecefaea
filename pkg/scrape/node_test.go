package scrape

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plimsoll/plimsoll/pkg/schedule"
	"github.com/plimsoll/plimsoll/pkg/target"
)

func TestScrapesFollowTheTiming(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.stored.young = 1
		b.Set(node("a"))
		time.Sleep(3 * resolution)
		requests := b.kubelets.requests("a")
		if len(requests) < 4 {
			t.Fatalf("scraped %d times in three resolutions", len(requests))
		}
		if requests[0] >= initialSpread {
			t.Errorf("the first scrape came after %s", requests[0])
		}
		if got := requests[1] - requests[0]; got < followUpDelay || got > followUpDelay+schedule.ShortTick {
			t.Errorf("the follow-up came %s after the first, want %s", got, followUpDelay)
		}
		if got := requests[3] - requests[2]; got != resolution {
			t.Errorf("the scrapes after that are %s apart, want %s", got, resolution)
		}
	})
}

// TestFollowUpCountsFromTheRequest and, where the response was slow, from half a second before it.
func TestFollowUpCountsFromTheRequest(t *testing.T) {
	for _, tt := range []struct{ takes, want time.Duration }{
		{0, followUpDelay},
		{150 * time.Millisecond, followUpDelay},
		{1900 * time.Millisecond, 1900*time.Millisecond + followUpDelay*3/4},
	} {
		t.Run(tt.takes.String(), func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *env) {
				b.stored.young = 1
				b.kubelets.set("a", func(r *http.Request) (*http.Response, error) {
					time.Sleep(tt.takes)
					return fine(r)
				})
				b.Set(node("a"))
				time.Sleep(resolution)
				requests := b.kubelets.requests("a")
				if got := requests[1] - requests[0]; got < tt.want || got > tt.want+schedule.ShortTick {
					t.Errorf("the follow-up came %s after the first, want %s", got, tt.want)
				}
			})
		})
	}
}

func TestRecoveredNodeIsScrapedAtOnce(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.kubelets.set("a", func(r *http.Request) (*http.Response, error) { return body(r, 503, "") })
		down := node("a")
		down.Ready = false
		b.Set(down)
		time.Sleep(30 * resolution)
		b.kubelets.set("a", fine)
		before := len(b.kubelets.requests("a"))
		b.Set(node("a"))
		synctest.Wait()
		if got := len(b.kubelets.requests("a")) - before; got != 1 {
			t.Errorf("scraped %d times when the node became ready, want once", got)
		}
		if why := b.Status("a").Message; why != "" {
			t.Errorf("still has a message: %s", why)
		}
	})
}

func TestNodeThatMovesIsScrapedAtItsNewAddress(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.Set(node("a"))
		time.Sleep(3 * resolution)
		moved := node("a")
		moved.URL, moved.UID = "http://b", "2"
		b.Set(moved)
		synctest.Wait()
		if len(b.kubelets.requests("b")) != 1 || b.stored.count("put a 2") != 1 {
			t.Errorf("requests %v and calls %v", b.kubelets.requests("b"), b.stored.recorded())
		}
		b.Set(moved)
		synctest.Wait()
		if len(b.kubelets.requests("b")) != 1 {
			t.Error("the same target was expedited")
		}
	})
}

// TestTimeoutIsNoRefusal has a kubelet be slow once when its own rates are requested.
func TestTimeoutIsNoRefusal(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.stored.young = 1
		b.kubelets.set("rates-of-a", func(r *http.Request) (*http.Response, error) { return body(r, 500, "") })
		b.Set(node("a"))
		time.Sleep(3 * resolution)
		b.stored.forget("a")
		time.Sleep(3 * resolution)
		if got := len(b.kubelets.requests("rates-of-a")); got != 2 {
			t.Errorf("rates were requested %d times, want twice", got)
		}
	})
}

func TestFollowUps(t *testing.T) {
	rates := node("a")
	alone := node("a")
	alone.SummaryURL = ""
	tests := []struct {
		name   string
		target target.Target
		young  int
		// refuse has the kubelet keep its own rates to itself.
		refuse bool
		// calls are what the store received before the follow-up, and rates how often rates were requested in all.
		calls []string
		rates int
		// settled is true where the node has usage by then.
		settled bool
	}{
		{"nothing new", rates, 0, false, []string{"put a 1"}, 0, true},
		{"something new", rates, 1, false, []string{"put a 1", "put a 1", "kubelet rates a"}, 1, true},
		{"something new, and no rates to be had", rates, 1, true, []string{"put a 1", "put a 1"}, 1, false},
		{"something new at an endpoint with rates of its own", alone, 1, false, []string{"put a 1"}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *env) {
				b.stored.young = tt.young
				if tt.refuse {
					b.kubelets.set("rates-of-a", func(r *http.Request) (*http.Response, error) { return body(r, 403, "") })
				}
				b.Set(tt.target)
				time.Sleep(initialSpread + followUpDelay)
				if settled := b.Progress().Settled == 1; settled != tt.settled {
					t.Errorf("settled: %t, want %t", settled, tt.settled)
				}
				if diff := cmp.Diff(tt.calls, b.stored.recorded()); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
				time.Sleep(settleTime + resolution)
				if b.Progress().Settled != 1 {
					t.Error("not settled for ever")
				}
				// A kubelet that refused gets no request again, even when something new comes.
				b.stored.forget("a")
				time.Sleep(3 * resolution)
				want := tt.rates
				if tt.rates > 0 && !tt.refuse {
					want++
				}
				if got := len(b.kubelets.requests("rates-of-a")); got != want {
					t.Errorf("rates were requested %d times, want %d", got, want)
				}
			})
		})
	}
}

// TestRefusedNodeIsUnpublished has a node lose its address: where a failed scrape ends the usage, the usage must end then too.
func TestRefusedNodeIsUnpublished(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		b.Set(node("a"))
		time.Sleep(resolution)
		b.Refuse("a", errors.New("no address"))
		if b.stored.count("fail a") != 1 {
			t.Errorf("calls: %v", b.stored.recorded())
		}
	})
}
