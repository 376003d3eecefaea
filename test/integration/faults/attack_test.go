package faults

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// attack is the work of one party, and the series by which an operator recognizes it.
type attack struct {
	name string
	// nodes are those of the attacking kubelets: their own metrics may suffer.
	nodes []string
	// wage attacks until ctx ends. It leaves nothing behind.
	wage func(ctx context.Context, t *testing.T) error
	// counted are patterns of series of Plimsoll's own metrics: for each, at least one that matches has risen.
	counted []string
}

const (
	// lasts is how long an attack goes on: three resolutions.
	lasts = 3 * resolution
	// ageLimit is how old the metrics of the other nodes may become. The API gives times in whole seconds, which makes them up to one
	// second older than they are.
	ageLimit = resolution + 2*time.Second + time.Second
	// callLimit is how long 99 in 100 of an autoscaler's calls take at most.
	callLimit = time.Second
	// memoryLimit is the limit of memory in manifests/base, in bytes.
	memoryLimit = 512 << 20
	// residentLimit is how large the resident memory may become without a limit, in bytes: what 20 nodes take, and four times the two largest
	// responses.
	residentLimit = 96<<20 + 4*2*largestResponse
	// largestResponse is how much of a kubelet's response Plimsoll reads at most, in bytes.
	largestResponse = 32 << 20
)

// run attacks, and requires that other parties are not affected. Where only times are over their bounds it attacks once more: a machine that
// does something else for a moment adds to a time, and an attack that works does so again.
func (a attack) run(t *testing.T) {
	t.Helper()
	late := a.once(t)
	if late == nil {
		return
	}
	t.Logf("once more, as this was late: %v", late)
	if late = a.once(t); late != nil {
		t.Error(late)
	}
}

// once attacks once. It returns which times were over their bounds.
func (a attack) once(t *testing.T) (late error) {
	t.Helper()
	settle(t)
	before := ownMetrics(t)
	ctx, cancel := context.WithTimeout(t.Context(), lasts)
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- a.wage(ctx, t) }()
	seen := observe(ctx, a.nodes)
	if err := <-failed; err != nil {
		t.Errorf("the attack did not take place: %v", err)
	}
	t.Logf("%s: %v", a.name, seen)
	t.Logf("counted: %s", strings.Join(risen(before, seen.series), ", "))
	seen.check(t)
	for _, pattern := range a.counted {
		requireRise(t, before, seen.series, pattern)
	}
	return seen.late()
}

// settle waits until every node is served with metrics of its last scrape.
func settle(t *testing.T) {
	t.Helper()
	poll.Eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := oldest(ctx, nil, ageLimit)
		return err
	})
}

// first returns the names of the first n nodes.
func first(n int) []string { return slices.Clone(env.Fleet.Nodes()[:n]) }
