package store

import (
	"math/rand/v2"
	"testing"

	"github.com/plimsoll/plimsoll/pkg/sample"
	"github.com/plimsoll/plimsoll/pkg/usage"
)

// speaker is a node that speaks of pod p: its memory says whose word was taken.
type speaker struct {
	node   string
	memory uint64
	start  int64
}

// TestAnyOrderOfTwoNodesThatReportAPod has a pod of two containers that moved, under its old name. The old node goes on reporting
// it. Whichever node responds first, and how often, what is served is the word of the node that the pod is bound to, and both containers are.
func TestAnyOrderOfTwoNodesThatReportAPod(t *testing.T) {
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 0))
		b := newEnv(t, maxAge)
		before, after := speaker{"old", 1000, 0}, speaker{"new", 2000, 0}
		bound := before
		b.run("old", "p", "u1", "a", "b")
		uid, served := "u1", 0
		for look := range 12 {
			if look == 6 {
				bound, uid = after, "u2"
				b.run("new", "p", "u2", "a", "b")
				b.pods["ns/p"] = Expected{Node: "new", UID: "u2", Created: b.clock.Now().UnixNano(), Containers: []string{"a", "b"}}
				after.start = b.clock.Now().UnixNano()
			}
			b.advance(15)
			says := []speaker{before, after, before, after}[:2+r.IntN(3)]
			r.Shuffle(len(says), func(i, j int) { says[i], says[j] = says[j], says[i] })
			for _, s := range says {
				b.report(r, s)
				if u, ok := b.pod(bound.node, "ns", "p", uid); ok {
					served++
					checkSpeaker(t, seed, u, bound.memory)
				}
				if _, ok := b.pod(otherThan(bound.node), "ns", "p", uid); ok {
					t.Fatalf("seed %d: the other node has an answer too", seed)
				}
			}
		}
		if served < 12 {
			t.Fatalf("seed %d: the pod was served %d times", seed, served)
		}
	}
}

// report has a node tell of pod p, one time in eight with a container missing.
func (b *env) report(r *rand.Rand, s speaker) {
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
