package store

import (
	"math/rand/v2"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// reporter is a node that reports pod p: its memory shows whose readings were used.
type reporter struct {
	node   string
	memory uint64
	start  int64
}

// TestOrderOfTwoNodesThatReportAPod has a pod of two containers that moved, under its old name. The old node goes on reporting
// it. Whichever node responds first, and how often, what is served is the word of the node that the pod is bound to, and both containers are.
func TestOrderOfTwoNodesThatReportAPod(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 0))
		b := newEnv(t, maxAge)
		before, after := reporter{"old", 1000, 0}, reporter{"new", 2000, 0}
		bound := before
		b.run("old", "p", "u1", "a", "b")
		uid, served := "u1", 0
		for scrape := range 12 {
			if scrape == 6 {
				bound, uid = after, "u2"
				b.run("new", "p", "u2", "a", "b")
				b.pods["ns/p"] = Expected{Node: "new", UID: "u2", Created: b.clock.Now().UnixNano(), Containers: []string{"a", "b"}}
				after.start = b.clock.Now().UnixNano()
			}
			b.advance(15)
			reporters := []reporter{before, after, before, after}[:2+r.IntN(3)]
			r.Shuffle(len(reporters), func(i, j int) { reporters[i], reporters[j] = reporters[j], reporters[i] })
			for _, s := range reporters {
				b.report(r, s)
				if u, ok := b.pod(bound.node, "ns", "p", uid); ok {
					served++
					checkSpeaker(t, seed, u, bound.memory)
				}
				if _, ok := b.pod(otherThan(bound.node), "ns", "p", uid); ok {
					t.Fatalf("seed %d: the other node has usage too", seed)
				}
			}
		}
		if served < 12 {
			t.Fatalf("seed %d: the pod was served %d times", seed, served)
		}
	}
}

// report puts pod p for a node, one time in eight with a container missing.
func (b *env) report(r *rand.Rand, s reporter) {
	var containers []sample.Container
	for i, name := range []string{"a", "b"} {
		if r.IntN(8) == 0 {
			continue
		}
		c := b.use(name, b.clock.Since(start).Seconds()/10, s.memory+uint64(i))
		c.Start = s.start
		containers = append(containers, c)
	}
	b.put(s.node, pods(named("p", containers...)))
}

func otherThan(node string) string {
	if node == "old" {
		return "new"
	}
	return "old"
}

func checkSpeaker(t *testing.T, seed uint64, u *usage.Pod, memory uint64) {
	t.Helper()
	if len(u.Containers) != 2 {
		t.Fatalf("seed %d: %d containers are served", seed, len(u.Containers))
	}
	for i, c := range u.Containers {
		if c.Memory != memory+uint64(i) {
			t.Fatalf("seed %d: container %s has %d bytes, want those of its node, %d", seed, c.Name, c.Memory, memory+uint64(i))
		}
	}
}
