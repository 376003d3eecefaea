package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plimsoll/plimsoll/test/framework/fleet"
)

const (
	// outageCycles is for how many resolutions after the outage the pods are counted.
	outageCycles = 3
	countEvery   = time.Second
	// recentCycles is how many resolutions old a sample may be where nothing goes wrong.
	recentCycles = 2
	statusBroken = 500
)

// miss has every kubelet return an error for one resolution, and counts the pods that still have usage meanwhile and after.
func (s *subject) miss(ctx context.Context) (err error) {
	if err := s.await(ctx, s.recovered); err != nil {
		return err
	}
	nodes := s.cluster.Fleet.Nodes()
	if err := s.fault(nodes, fleet.Status(statusBroken)); err != nil {
		return err
	}
	all, err := s.watch(ctx, s.options.Resolution)
	if cleared := s.fault(nodes, fleet.Fault{}); err == nil {
		err = cleared
	}
	if err != nil {
		return err
	}
	after, err := s.watch(ctx, outageCycles*s.options.Resolution)
	if err != nil {
		return err
	}
	all = append(all, after...)
	s.result.Set(PodsLeft, float64(worst(all)))
	s.result.Set(PodsGone, below(all, s.options.pods()).Seconds())
	return nil
}

// recovered is an error while some sample is older than samples are in good times: a node that hung in the step before would miss
// more than one cycle.
func (s *subject) recovered(ctx context.Context) error {
	if err := s.allServed()(ctx); err != nil {
		return err
	}
	ages, err := s.observe(ctx, nil)
	if err != nil {
		return err
	}
	if oldest := quantile(ages, 1); oldest > recentCycles*s.options.Resolution {
		// The request is expensive in a large cluster.
		return errors.Join(fmt.Errorf("a sample is %v old", oldest), pause(ctx, countEvery))
	}
	return nil
}

// watch counts the pods for a time.
func (s *subject) watch(ctx context.Context, length time.Duration) (all []seen, err error) {
	for begin := time.Now(); ; {
		at := time.Now()
		pods, err := s.count(ctx, allJSON)
		if err != nil {
			return nil, err
		}
		all = append(all, seen{at: at, pods: pods})
		rest := length - time.Since(begin)
		if rest <= 0 {
			return all, nil
		}
		if err := pause(ctx, min(rest, max(0, countEvery-time.Since(at)))); err != nil {
			return nil, err
		}
	}
}
