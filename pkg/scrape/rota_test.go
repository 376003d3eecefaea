package scrape

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// nodesOfOneSlot are names of nodes whose looks are due in the same slot after a resolution has passed.
func nodesOfOneSlot(n int) (names []string) {
	slotOf := func(name string) time.Duration { return newSchedule(name, resolution).phase / slot }
	for i := 0; len(names) < n; i++ {
		if name := fmt.Sprintf("n%d", i); slotOf(name) == slotOf("n0") {
			names = append(names, name)
		}
	}
	return names
}

// TestKubeletsOfASlotAreAskedOneAfterTheOther where all answer within it.
func TestKubeletsOfASlotAreAskedOneAfterTheOther(t *testing.T) {
	g := &gauge{}
	inBubble(t, func(c *Config) {
		g.next, c.Sources[0].Client = c.Sources[0].Client.Transport, &http.Client{Transport: g}
	}, func(t *testing.T, b *bed) {
		for _, name := range nodesOfOneSlot(10) {
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

// TestAKubeletThatHangsDelaysNoOther of its slot by more than a few slots, whether or not their looks rest.
func TestAKubeletThatHangsDelaysNoOther(t *testing.T) {
	test := func(t *testing.T, b *bed) {
		names := nodesOfOneSlot(10)
		for i, name := range names {
			if i%3 == 0 {
				b.kubelets.set(name, hang)
			}
			b.Set(node(name))
		}
		<-time.After(5 * resolution)
		for i, name := range names {
			if i%3 != 0 {
				checkTurns(t, b, name)
			}
		}
	}
	t.Run("without a rest", func(t *testing.T) { inBubble(t, nil, test) })
	t.Run("with a rest", func(t *testing.T) { inRestingBubble(t, test) })
}

// checkTurns wants a node to have been looked at once a resolution, for five of them, at its turn or a few slots later.
func checkTurns(t *testing.T, b *bed, name string) {
	t.Helper()
	looks := b.kubelets.looks(name)
	if len(looks) < 5 {
		t.Fatalf("node %s was looked at %d times", name, len(looks))
	}
	for _, at := range looks[1:] {
		if late := (at - newSchedule(name, resolution).phase) % resolution; late > 5*slot {
			t.Errorf("node %s was looked at %s after its turn", name, late)
		}
	}
}
