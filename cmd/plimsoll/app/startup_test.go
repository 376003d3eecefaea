package app

import (
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/plimsoll/plimsoll/pkg/cause"
	"github.com/plimsoll/plimsoll/pkg/progress"
)

// fakeStartup is a startup whose cluster, collector and clock the test sets.
type fakeStartup struct {
	*startup
	Collector
	clock    *clocktesting.FakePassiveClock
	synced   bool
	counts   progress.Counts
	hasUsage bool
}

func newFakeStartup() *fakeStartup {
	f := &fakeStartup{clock: clocktesting.NewFakePassiveClock(time.Unix(1_785_924_000, 0))}
	f.startup = &startup{
		collector: f,
		synced:    func() bool { return f.synced },
		hasUsage:  func() bool { return f.hasUsage },
		clock:     f.clock,
	}
	return f
}

// Progress implements Collector.
func (f *fakeStartup) Progress() progress.Counts { return f.counts }

func TestReady(t *testing.T) {
	failing := map[cause.Cause]int{cause.KubeletRefused: 6, cause.KubeletTimeout: 4}
	tests := []struct {
		name     string
		synced   bool
		counts   progress.Counts
		hasUsage bool
		want     string
	}{
		{"nothing is known", false, progress.Counts{}, false, "(PLM-API-LISTING)"},
		{"a cluster without nodes", true, progress.Counts{}, false, ""},
		{"no node has usage", true, progress.Counts{Nodes: 10}, false, "(PLM-API-COLLECTING): 0 of 10 nodes"},
		{"most nodes have usage", true, progress.Counts{Nodes: 10, Settled: 8}, true, "8 of 10 nodes"},
		{"nine of ten nodes have usage", true, progress.Counts{Nodes: 10, Settled: 9}, true, ""},
		{"nine of ten nodes fail", true, progress.Counts{Nodes: 10, Settled: 10, Failing: map[cause.Cause]int{cause.KubeletRefused: 9}}, true, ""},
		{"all nodes fail", true, progress.Counts{Nodes: 10, Settled: 10, Failing: failing}, false, "no usage could be collected yet (PLM-API-FAILING)"},
		{"all nodes fail that had usage", true, progress.Counts{Nodes: 10, Settled: 10, Failing: failing}, true, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFakeStartup()
			f.synced, f.counts, f.hasUsage = tt.synced, tt.counts, tt.hasUsage
			for _, err := range []error{f.Ready(), f.readyCheck().Check(nil)} {
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want something with %q", err, tt.want)
				}
			}
		})
	}
}

func TestReadyStaysNilWhenKubeletsFailLater(t *testing.T) {
	f := newFakeStartup()
	f.synced = true
	if err := f.Ready(); err != nil {
		t.Fatal(err)
	}
	f.synced, f.counts = false, progress.Counts{Nodes: 10, Settled: 10, Failing: map[cause.Cause]int{cause.KubeletRefused: 10}}
	if err := f.Ready(); err != nil {
		t.Errorf("an outage ended the first response: %v", err)
	}
}

// TestReadyzPassesAfterFifteenMinutes has no kubelet that responds for longer than a rollout waits, in a cluster that is listed at once or late.
func TestReadyzPassesAfterFifteenMinutes(t *testing.T) {
	type step struct {
		after         time.Duration
		synced, ready bool
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"no kubelet responds", []step{{0, true, false}, {maxNotReady - 1, true, false}, {1, true, true}}},
		{"the list never ends", []step{{0, false, false}, {maxNotReady - 1, false, false}, {1, false, true}, {time.Hour, false, true}}},
		{"the list ends late", []step{{0, false, false}, {maxNotReady - 1, false, false}, {0, true, false}, {1, true, true}, {1, true, true}}},
		{"the list ends too late", []step{{0, false, false}, {maxNotReady, false, true}, {1, true, true}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFakeStartup()
			f.counts = progress.Counts{Nodes: 2, Settled: 2, Failing: map[cause.Cause]int{cause.KubeletForbidden: 2}}
			check := f.readyCheck()
			for _, step := range tt.steps {
				f.synced = step.synced
				f.clock.SetTime(f.clock.Now().Add(step.after))
				if err := check.Check(nil); (err == nil) != step.ready {
					t.Errorf("after %s more, synced %t: %v", step.after, step.synced, err)
				}
			}
			if f.Ready() == nil {
				t.Error("lists are served without any usage")
			}
		})
	}
}

func TestExpired(t *testing.T) {
	f := newFakeStartup()
	f.counts = progress.Counts{Nodes: 2, Settled: 2, Failing: map[cause.Cause]int{cause.KubeletRefused: 2}}
	const want = "no node has usage that is fresh enough (PLM-API-EXPIRED): 2 of 2 nodes are done; failing: 2 refused; " +
		"the kubelet's port refused the connection: check that the kubelet is running, and that --kubelet-port is right (PLM-KUBELET-REFUSED)"
	if err := f.Expired(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	f.hasUsage = true
	if err := f.Expired(); err != nil {
		t.Errorf("with usage: %v", err)
	}
}
