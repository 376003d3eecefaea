package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// observation is what the observers measured during an attack.
type observation struct {
	mu sync.Mutex
	// mu guards what follows until the observers have ended.
	// calls are how long an autoscaler's calls took.
	calls []time.Duration
	// age is that of the oldest metrics of a node that does not attack, or of a pod there.
	age time.Duration
	// failures are the errors of each observer, by its name.
	failures map[string][]error
	// counts are how many observations each observer made.
	counts map[string]int
	// series are the largest values of Plimsoll's own metrics.
	series series
	// memory is the largest resident memory of Plimsoll, in bytes.
	memory uint64
}

// observer makes one request at each tick, and notes the result in the observation.
type observer struct {
	name string
	// every is the time between two requests, whether or not the earlier ones have ended.
	every   time.Duration
	observe func(ctx context.Context, o *observation) error
}

// patience is how long an observer waits for one response. It is longer than every bound on time.
const patience = 10 * time.Second

// observe lets all observers send requests until ctx ends, and waits for their last responses.
func observe(ctx context.Context, attackers []string) *observation {
	o := &observation{failures: map[string][]error{}, counts: map[string]int{}, series: series{}}
	peak := watchMemory(env.Server.PID())
	var all sync.WaitGroup
	for _, w := range []observer{ages(attackers), autoscaler(), probe("/livez"), probe("/readyz"), ownSeries()} {
		all.Go(func() { o.follow(ctx, w) })
	}
	all.Wait()
	o.memory = peak()
	return o
}

// follow sends a request at each tick until ctx ends. At most 100 requests are open at once.
func (o *observation) follow(ctx context.Context, w observer) {
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	limit := make(chan struct{}, 100)
	var open sync.WaitGroup
	defer open.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		limit <- struct{}{}
		open.Go(func() {
			defer func() { <-limit }()
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
			defer cancel()
			o.note(w.name, w.observe(ctx, o))
		})
	}
}

func (o *observation) note(name string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts[name]++
	if err != nil {
		o.failures[name] = append(o.failures[name], err)
	}
}

// percentile returns how long p in 100 of the autoscaler's calls took at most.
func (o *observation) percentile(p int) time.Duration {
	if len(o.calls) == 0 {
		return patience
	}
	sorted := slices.Sorted(slices.Values(o.calls))
	return sorted[(len(sorted)*p+99)/100-1]
}

// String formats the figures of docs/reliability.md.
func (o *observation) String() string {
	failed := ""
	for name, errs := range o.failures {
		failed += fmt.Sprintf(", %s failed %d of %d", name, len(errs), o.counts[name])
	}
	return fmt.Sprintf("age %.1f s, calls p50 %s p99 %s of %d, memory %d MiB%s", o.age.Seconds(),
		o.percentile(50).Round(time.Millisecond), o.percentile(99).Round(time.Millisecond), len(o.calls), o.memory>>20, failed)
}

// late returns which times are over their bounds.
func (o *observation) late() error {
	var late []error
	if o.age > ageLimit {
		late = append(late, fmt.Errorf("the oldest metrics of the other nodes are %s old, want at most %s", o.age, ageLimit))
	}
	if got := o.percentile(99); got > callLimit {
		late = append(late, fmt.Errorf("1 in 100 of the autoscaler's calls took %s or more, want at most %s", got, callLimit))
	}
	return errors.Join(late...)
}

// check compares the results that do not depend on the machine with their bounds.
func (o *observation) check(t *testing.T) {
	t.Helper()
	for name, errs := range o.failures {
		t.Errorf("%s: %d of %d failed, the first with: %v", name, len(errs), o.counts[name], errs[0])
	}
	if o.memory > residentLimit {
		t.Errorf("plimsoll had %d MiB of memory, want at most %d", o.memory>>20, residentLimit>>20)
	}
	if env.Server.Ended() {
		t.Error("plimsoll has ended")
	}
}
