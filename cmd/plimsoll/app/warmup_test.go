package app

import (
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/scrape"
)

// beginning is what a warm-up sees of the rest of the process.
type beginning struct {
	*warmUp
	clock    *clocktesting.FakePassiveClock
	synced   bool
	progress scrape.Progress
	served   bool
}

func newBeginning() *beginning {
	b := &beginning{clock: clocktesting.NewFakePassiveClock(time.Unix(1_785_924_000, 0))}
	b.warmUp = &warmUp{
		synced:   func() bool { return b.synced },
		progress: func() scrape.Progress { return b.progress },
		served:   func() bool { return b.served },
		clock:    b.clock,
	}
	return b
}

func TestWarming(t *testing.T) {
	failing := map[string]int{"refused": 6, "timeout": 4}
	tests := []struct {
		name     string
		synced   bool
		progress scrape.Progress
		served   bool
		want     string
	}{
		{"nothing is known", false, scrape.Progress{}, false, "still being listed"},
		{"a cluster without nodes", true, scrape.Progress{}, false, ""},
		{"no node has numbers", true, scrape.Progress{Nodes: 10}, false, "0 of 10 nodes"},
		{"most have numbers", true, scrape.Progress{Nodes: 10, Settled: 8}, true, "8 of 10 nodes"},
		{"nine of ten have", true, scrape.Progress{Nodes: 10, Settled: 9}, true, ""},
		{"some fail", true, scrape.Progress{Nodes: 10, Settled: 10, Failing: map[string]int{"refused": 9}}, true, ""},
		{"all fail", true, scrape.Progress{Nodes: 10, Settled: 10, Failing: failing}, false, "no kubelet could be scraped yet"},
		{"all fail that had numbers", true, scrape.Progress{Nodes: 10, Settled: 10, Failing: failing}, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBeginning()
			b.synced, b.progress, b.served = tt.synced, tt.progress, tt.served
			for _, err := range []error{b.Warming(), b.readyCheck().Check(nil)} {
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want something with %q", err, tt.want)
				}
			}
		})
	}
}

func TestOnceWarmForEverWarm(t *testing.T) {
	b := newBeginning()
	b.synced = true
	if err := b.Warming(); err != nil {
		t.Fatal(err)
	}
	b.synced, b.progress = false, scrape.Progress{Nodes: 10, Settled: 10, Failing: map[string]int{"refused": 10}}
	if err := b.Warming(); err != nil {
		t.Errorf("an outage made the process cold again: %v", err)
	}
}

// TestReadyAtLast has no kubelet answer for longer than a rollout waits, in a cluster that is listed at once or late.
func TestReadyAtLast(t *testing.T) {
	type step struct {
		after         time.Duration
		synced, ready bool
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"no kubelet answers", []step{{0, true, false}, {readyAtLast - 1, true, false}, {1, true, true}}},
		{"the list never ends", []step{{0, false, false}, {readyAtLast - 1, false, false}, {1, false, true}, {time.Hour, false, true}}},
		{"the list ends late", []step{{0, false, false}, {readyAtLast - 1, false, false}, {0, true, false}, {1, true, true}, {1, true, true}}},
		{"the list ends too late", []step{{0, false, false}, {readyAtLast, false, true}, {1, true, true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBeginning()
			b.progress = scrape.Progress{Nodes: 2, Settled: 2, Failing: map[string]int{"forbidden": 2}}
			check := b.readyCheck()
			for _, step := range tt.steps {
				b.synced = step.synced
				b.clock.SetTime(b.clock.Now().Add(step.after))
				if err := check.Check(nil); (err == nil) != step.ready {
					t.Errorf("after %s more, synced %t: %v", step.after, step.synced, err)
				}
			}
			if b.Warming() == nil {
				t.Error("lists are served without a number")
			}
		})
	}
}

func TestExpired(t *testing.T) {
	b := newBeginning()
	b.progress = scrape.Progress{Nodes: 2, Settled: 2, Failing: map[string]int{"refused": 2}, Why: "nothing listens"}
	const want = "no node has numbers that are fresh enough: 2 of 2 nodes are done; failing: 2 refused; nothing listens"
	if err := b.Expired(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	b.served = true
	if err := b.Expired(); err != nil {
		t.Errorf("with numbers: %v", err)
	}
}
