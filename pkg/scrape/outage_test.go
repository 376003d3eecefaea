package scrape

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/schedule"
)

func refusing(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }

// TestOutageOfAllNodesDelaysNoNode has all kubelets be away for a while, and counts from the first scrape that succeeds.
func TestOutageOfAllNodesDelaysNoNode(t *testing.T) {
	const nodes = 20
	for _, test := range []struct{ away, setBack time.Duration }{{time.Minute, 0}, {time.Hour, 0}, {time.Minute, time.Hour}} {
		away := test.away
		t.Run(fmt.Sprintf("%s, clock set back by %s", away, test.setBack), func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *env) {
				name := func(i int) string { return fmt.Sprintf("n%d", i) }
				for i := range nodes {
					b.kubelets.set(name(i), refusing)
					b.Set(node(name(i)))
				}
				<-time.After(away)
				// The times of an earlier outage were by the clock as it was.
				b.outage.expedited.Store(time.Now().Add(test.setBack - away).UnixNano())
				for i := range nodes {
					b.kubelets.set(name(i), fine)
				}
				waited := time.Now()
				for b.stored.count("put") == 0 {
					<-time.After(10 * time.Millisecond)
				}
				if took := time.Since(waited); took > resolution {
					t.Errorf("the first node was back after %s", took)
				}
				<-time.After(initialSpread + 2*schedule.Tick)
				for i := range nodes {
					if b.stored.count("put "+name(i)+" ") == 0 {
						t.Errorf("%s was not back %s after the first", name(i), initialSpread+2*schedule.Tick)
					}
				}
			})
		})
	}
}

// TestFewNodesThatFailAreScrapedLessOften also after an outage of all.
func TestFewNodesThatFailAreScrapedLessOften(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *env) {
		for i := range 4 {
			b.Set(node(fmt.Sprintf("n%d", i)))
		}
		b.kubelets.set("dead", refusing)
		b.Set(node("dead"))
		<-time.After(30 * resolution)
		if got := len(b.kubelets.requests("dead")); got > 12 {
			t.Errorf("it was scraped %d times in 30 resolutions", got)
		}
		if b.Remove("dead"); b.outage.failing.Load() != 0 || b.outage.nodes.Load() != 4 {
			t.Errorf("%d of %d nodes are counted as failing", b.outage.failing.Load(), b.outage.nodes.Load())
		}
	})
}
