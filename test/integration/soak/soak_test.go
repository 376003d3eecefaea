package soak

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/poll"
)

// healsWithin is how many resolutions after the last fault everything is served again: a node that failed for long is scraped only every fourth time, and
// a reading of housekeeping needs a second one.
const healsWithin = 4 + 8

// tick is the time between two steps of what changes: faults, pods, loads.
const tick = time.Second

// TestSoak is the soak.
func TestSoak(t *testing.T) {
	pid := env.Server.PID()
	v := &verdict{}
	faults := newFaults(v)
	ctx, cancel := context.WithTimeout(t.Context(), size.length)
	defer cancel()
	var all sync.WaitGroup
	growing := newGauges()
	all.Go(func() { growing.follow(ctx, t) })
	for _, r := range readers(t, v) {
		all.Go(func() { r.follow(ctx, t) })
	}
	all.Go(func() { every(ctx, tick, newChurn(t).step) })
	if !size.calm {
		all.Go(func() { every(ctx, tick, func(context.Context) { faults.step(t) }) })
	}
	all.Wait()
	faults.end(t)
	v.report(t)
	faults.report(t)
	growing.report(t)
	checkHealed(t, v)
	if env.Server.Ended() || env.Server.PID() != pid {
		t.Error("plimsoll has ended")
	}
}

// every calls a function at each tick until ctx ends. A tick that comes while it runs is left out.
func every(ctx context.Context, interval time.Duration, do func(context.Context)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			do(ctx)
		}
	}
}

// checkHealed wants all nodes and pods to be served with what they have, some time after the last fault.
func checkHealed(t *testing.T, v *verdict) {
	t.Helper()
	poll.Eventually(t, max(healsWithin*size.resolution, time.Minute), func(ctx context.Context) error { return v.complete(ctx) })
	t.Logf("everything is served again")
}
