package scrape

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/schedule"
)

// gauge counts the requests that are in flight, of all nodes together.
type gauge struct {
	next http.RoundTripper

	mu        sync.Mutex
	now, most int
}

func (g *gauge) RoundTrip(r *http.Request) (*http.Response, error) {
	g.add(1)
	defer g.add(-1)
	return g.next.RoundTrip(r)
}

func (g *gauge) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now += n
	g.most = max(g.most, g.now)
}

// since is the most that were in flight at once since the call before.
func (g *gauge) since() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	most := g.most
	g.most = g.now
	return most
}

// answerTime is how long a kubelet that is well takes.
const answerTime = 100 * time.Millisecond

func slow(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(answerTime):
		return fine(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// TestRequestsInFlight has a thousand nodes respond in a tenth of a second, or never. No number bounds them all; what does
// is one request for each node, and scrapes that are spread over the resolution.
func TestRequestsInFlight(t *testing.T) {
	const nodes = 1000
	// first is how many scrapes begin until the first of them has ended: a tick may go by before, and half a one until others come.
	const first = int(nodes * (answerTime + 3*schedule.Tick/2) / initialSpread)
	tests := []struct {
		name    string
		hanging int
		// settled is when dead nodes are scraped at the lowest rate.
		settled time.Duration
		// start is the most at once in the first second, steady in two minutes after they have settled.
		start, steady int
	}{
		{"all respond", 0, 2 * resolution, first, 30},
		{"a tenth hangs", nodes / 10, 40 * resolution, first + nodes/10, 30 + nodes/10},
		{"all hang", nodes, 40 * resolution, nodes, nodes},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := &gauge{}
			inBubble(t, func(c *testConfig) {
				g.next, c.transport = c.transport, g
			}, func(t *testing.T, b *env) {
				for i := range nodes {
					name := fmt.Sprintf("n%d", i)
					b.kubelets.set(name, slow)
					if i < tt.hanging {
						b.kubelets.set(name, hang)
					}
					quiet := node(name)
					quiet.Ready = false
					b.Set(quiet)
				}
				<-time.After(initialSpread + answerTime)
				start := g.since()
				<-time.After(tt.settled)
				g.since()
				<-time.After(maxBackOff)
				steady := g.since()
				t.Logf("at most %d requests at once in the beginning, %d later", start, steady)
				if start > tt.start || steady > tt.steady {
					t.Errorf("%d requests at once in the beginning and %d later, want at most %d and %d", start, steady, tt.start, tt.steady)
				}
				for i := range nodes {
					if name := fmt.Sprintf("n%d", i); b.kubelets.maxInFlight(name) != 1 {
						t.Fatalf("%d requests at once to node %s", b.kubelets.maxInFlight(name), name)
					}
				}
			})
		})
	}
}
