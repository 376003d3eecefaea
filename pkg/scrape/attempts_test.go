package scrape

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func countAttempts(c *testConfig) { c.CountAttempts = true }

// TestAttempts counts successes and failures of nodes apart and together, and forgets a node that goes.
func TestAttempts(t *testing.T) {
	inBubble(t, countAttempts, func(t *testing.T, b *bed) {
		if got := b.NodeAttempts(); got != nil {
			t.Errorf("before any attempt: %v", got)
		}
		b.kubelets.set("slow", hang)
		b.Set(node("fine"))
		b.Set(node("slow"))
		time.Sleep(10 * resolution)
		synctest.Wait()
		nodes := b.NodeAttempts()
		slices.SortFunc(nodes, func(x, y NodeAttempts) int { return strings.Compare(x.Node, y.Node) })
		if len(nodes) != 2 || nodes[0].Node != "fine" || nodes[1].Node != "slow" {
			t.Fatalf("attempts at %v", nodes)
		}
		all := b.ClusterAttempts()
		for i, want := range []uint64{all.Succeeded, all.Failed} {
			n := nodes[i]
			if got := total(n.Durations); got != want || got == 0 {
				t.Errorf("%s: %d attempts, the cluster has %d", n.Node, got, want)
			}
			if age := time.Since(n.Last); age < 0 || age > 2*resolution {
				t.Errorf("%s: the last attempt ended %v ago", n.Node, age)
			}
		}
		if got := nodes[1].Durations.Sum / float64(all.Failed); got != 9 {
			t.Errorf("an attempt that ends by its timeout of 9s took %vs", got)
		}
		if got := nodes[0].Durations.Sum / float64(all.Succeeded); got > 0.3 {
			t.Errorf("an attempt at a kubelet that answers at once took %vs", got)
		}
		b.Remove("slow")
		if got := b.NodeAttempts(); len(got) != 1 || got[0].Node != "fine" {
			t.Errorf("after the removal of a node: %v", got)
		}
		if got := b.ClusterAttempts().Failed; got != all.Failed {
			t.Errorf("the removal of a node changed the failures of the cluster from %d to %d", all.Failed, got)
		}
	})
}

func total(h Histogram) (n uint64) {
	for _, c := range h.Counts {
		n += c
	}
	return n
}

func TestAttemptsAreNotCounted(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *bed) {
		b.Set(node("fine"))
		time.Sleep(3 * resolution)
		synctest.Wait()
		if b.sink.count("put") == 0 {
			t.Error("the node was not scraped")
		}
		if diff := cmp.Diff(ClusterAttempts{}, b.ClusterAttempts()); diff != "" {
			t.Errorf("attempts of the cluster (-want +got):\n%s", diff)
		}
		if got := b.NodeAttempts(); got != nil {
			t.Errorf("attempts of nodes: %v", got)
		}
	})
}

// TestRounds has one duration an interval: the longest in it.
func TestRounds(t *testing.T) {
	begin := time.Unix(1_000, 0)
	type attempt struct{ at, took time.Duration }
	tests := []struct {
		name     string
		attempts []attempt
		until    time.Duration
		want     map[float64]uint64
		sum      float64
	}{
		{"none", nil, time.Hour, nil, 0},
		{"not over", []attempt{{0, time.Second}}, 9 * time.Second, nil, 0},
		{"the longest", []attempt{{0, time.Second}, {time.Second, 3 * time.Second}, {2 * time.Second, 2 * time.Second}}, 10 * time.Second, map[float64]uint64{5: 1}, 3},
		{"two", []attempt{{0, time.Second}, {12 * time.Second, 9 * time.Second}}, 22 * time.Second, map[float64]uint64{1: 1, 10: 1}, 10},
		{"a pause counts nothing", []attempt{{0, time.Second}, {time.Hour, time.Second}}, time.Hour, map[float64]uint64{1: 1}, 1},
		{"longer than the resolution", []attempt{{0, 11 * time.Second}}, time.Minute, map[float64]uint64{15: 1}, 11},
		{"above all bounds", []attempt{{0, time.Minute}}, time.Minute, map[float64]uint64{-1: 1}, 60},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newAttemptCounter([]Source{{Resolution: 5 * time.Second}, {Resolution: resolution}})
			for _, a := range tt.attempts {
				c.add(begin.Add(a.at), a.took, true)
			}
			c.closeRound(begin.Add(tt.until))
			got := map[float64]uint64{}
			for i, n := range c.cluster.Rounds.Counts {
				bound := -1.0
				if i < len(c.cluster.Rounds.Bounds) {
					bound = c.cluster.Rounds.Bounds[i]
				}
				if n > 0 {
					got[bound] = n
				}
			}
			if tt.want == nil {
				tt.want = map[float64]uint64{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("rounds by bound (-want +got):\n%s", diff)
			}
			if c.cluster.Rounds.Sum != tt.sum {
				t.Errorf("sum %v, want %v", c.cluster.Rounds.Sum, tt.sum)
			}
		})
	}
}
