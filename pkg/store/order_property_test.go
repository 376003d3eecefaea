package store

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// TestTimeNeverGoesBack has a kubelet send readings in any order: old, new, equal, ahead, too far ahead. The time that is served of a
// pod and of a node only grows, and so does the generation. Another node shows that the server's clock is right.
func TestTimeNeverGoesBack(t *testing.T) {
	for _, age := range []time.Duration{0, maxAge} {
		for seed := range uint64(200) {
			r := rand.New(rand.NewPCG(seed, 0))
			b := newEnv(t, age)
			b.run("n", "p", "u", "a")
			var last usage.Pod
			var lastNode usage.Node
			newest, moves := b.clock.Now(), 0
			for i := range 60 {
				b.advance(15)
				b.store.Put(Identity{Name: "on-time"}, &sample.Node{Usage: b.usage(100+float64(i), 7)})
				read := anyOrder(r, i, b.clock.Now(), newest)
				if !read.After(b.clock.Now().Add(time.Minute)) && read.After(newest) {
					newest = read
				}
				u := usageAt(read, 100+read.Sub(start).Seconds()/10, 7)
				n := &sample.Node{Usage: u, Pods: pods(named("p", sample.Container{Name: "a", Usage: u}))}
				b.store.Put(Identity{Name: "n"}, n)
				if p, ok := b.pod("n", "ns", "p", "u"); ok {
					if p.Time.Before(last.Time) || p.ResourceVersion < last.ResourceVersion {
						t.Fatalf("maximum age %s, seed %d, scrape %d: the pod went from %+v to %+v", age, seed, i, last, p)
					}
					if p.Time.After(last.Time) {
						moves++
					}
					last = *p
				}
				if n, ok := b.node("n"); ok {
					if n.Time.Before(lastNode.Time) || n.ResourceVersion < lastNode.ResourceVersion {
						t.Fatalf("maximum age %s, seed %d, scrape %d: the node went from %+v to %+v", age, seed, i, lastNode, n)
					}
					lastNode = *n
				}
			}
			if moves < 10 {
				t.Fatalf("maximum age %s, seed %d: time moved %d times only", age, seed, moves)
			}
		}
	}
}

// anyOrder is the timestamp of a reading. Every third one is in order, so that no outage begins.
func anyOrder(r *rand.Rand, scrape int, now, newest time.Time) time.Time {
	second := func(most int) time.Duration { return time.Duration(r.IntN(most)) * time.Second }
	if scrape%3 == 0 {
		if !newest.Before(now) {
			return newest.Add(time.Second)
		}
		return now
	}
	switch r.IntN(5) {
	case 0:
		return newest
	case 1:
		return newest.Add(-second(300))
	case 2:
		return now.Add(second(60))
	case 3:
		return now.Add(61*time.Second + second(300))
	default:
		return now.Add(-second(15))
	}
}
